"""The table of the device authorization grant (RFC 8628)."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.auth.store.tables import metadata

device_grant = Table(
    "device_grant",
    metadata,
    Column("device_hash", Text, primary_key=True),
    Column("user_code", Text, nullable=False, unique=True),
    Column("client_id", Text, ForeignKey("client.client_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column(
        "authorization_id", Text, ForeignKey("oauth_authorization.authorization_id", ondelete="CASCADE"), index=True
    ),
    Column("interval_s", Integer, nullable=False),
    Column("polled_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("status in ('waiting', 'allowed', 'denied')", name="device_grant_status_check"),
)
"""Devices without a browser that wait for a person: of what they hold the hash, and what the person types in."""
