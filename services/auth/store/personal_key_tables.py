"""The table of personal keys."""

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text

from services.auth.store.tables import metadata

personal_key = Table(
    "personal_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key_hash", Text, nullable=False),
    Column("user_id", Text, ForeignKey("hub_user.user_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
)
"""Keys with which programs act for people. A revoked one is gone; the audit log tells of it."""
