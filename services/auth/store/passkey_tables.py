"""The tables of passkeys (Web Authentication)."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, LargeBinary, Table, Text

from services.auth.store.tables import metadata

passkey = Table(
    "passkey",
    metadata,
    Column("credential_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("hub_user.user_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
)
"""Public keys of people's passkeys."""

passkey_challenge = Table(
    "passkey_challenge",
    metadata,
    Column("challenge_hash", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Challenges that were given to browsers, each for one answer."""
