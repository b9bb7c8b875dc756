"""The table of configuration subscriptions: which attributes of their entities devices are told of when they change."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from services.ingest.store.tables import metadata

configuration_subscription = Table(
    "configuration_subscription",
    metadata,
    Column("subscription_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("device_key", BigInteger, ForeignKey("device.device_key", ondelete="CASCADE"), nullable=False),
    Column("apikey", Text, nullable=False),
    Column("is_ultralight", Boolean, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    UniqueConstraint("tenant_id", "device_key", "fields", name="configuration_subscription_key"),
    Index("configuration_subscription_device_key_idx", "device_key"),
)
