"""The tables of sign-in with external OpenID providers."""

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text

from services.auth.store.tables import metadata

account_link = Table(
    "account_link",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("hub_user.user_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("linked_at", DateTime(timezone=True), nullable=False),
)
"""What external providers call people who sign in here."""

external_sign_in = Table(
    "external_sign_in",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("link_user", Text),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Browsers that are at an external provider, and what they come back for."""
