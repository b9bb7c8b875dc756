"""The tables of OpenID Connect: applications, sessions of people, and what they let applications do."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.auth.store.tables import metadata

_now = text("now()")
_CLIENT = ("client.client_id", "CASCADE")
_USER = ("hub_user.user_id", "CASCADE")

application = Table(
    "application",
    metadata,
    Column("client_id", Text, ForeignKey(_CLIENT[0], ondelete=_CLIENT[1]), primary_key=True),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), index=True),
    Column("owner", Text, ForeignKey(_USER[0], ondelete="SET NULL"), index=True),
    Column("status", Text, nullable=False),
    Column("registration_hash", Text),
    Column("details", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("status in ('applied', 'active', 'refused')", name="application_status_check"),
)
"""Clients that sign people in: where they are called back, how they authenticate, what they may ask for."""

browser_session = Table(
    "browser_session",
    metadata,
    Column("session_hash", Text, primary_key=True),
    Column("sid", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey(_USER[0], ondelete=_USER[1]), nullable=False, index=True),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("aal", Integer, nullable=False),
    Column("ial", Integer, nullable=False, server_default=text("0")),
    Column("amr", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("aal between 1 and 3", name="browser_session_aal_check"),
)
"""Browsers in which somebody is signed in; of the cookie only the SHA-256 is kept."""

authorization_request = Table(
    "authorization_request",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""What applications have asked for while somebody signs in, bound to the browser that asked."""

authorization = Table(
    "oauth_authorization",
    metadata,
    Column("authorization_id", Text, primary_key=True),
    Column("client_id", Text, ForeignKey(_CLIENT[0], ondelete=_CLIENT[1]), nullable=False, index=True),
    Column("user_id", Text, ForeignKey(_USER[0], ondelete=_USER[1]), nullable=False, index=True),
    Column("sid", Text, index=True),
    Column("scope", ARRAY(Text), nullable=False),
    Column("claims", JSONB, nullable=False, server_default=text("'{}'")),
    Column("nonce", Text),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("aal", Integer, nullable=False),
    Column("ial", Integer, nullable=False, server_default=text("0")),
    Column("amr", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("revoked_at", DateTime(timezone=True)),
)
"""One act of letting an application do something: all tokens that come of it end with it."""

authorization_code = Table(
    "authorization_code",
    metadata,
    Column("code_hash", Text, primary_key=True),
    Column(
        "authorization_id",
        Text,
        ForeignKey("oauth_authorization.authorization_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
"""Codes, each for one exchange; a used one is kept as long as its authorization, so that its reuse is noticed."""

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column(
        "authorization_id",
        Text,
        ForeignKey("oauth_authorization.authorization_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
"""Refresh tokens, each for one use: that of a used one ends the authorization."""

application_consent = Table(
    "application_consent",
    metadata,
    Column("user_id", Text, ForeignKey(_USER[0], ondelete=_USER[1]), primary_key=True),
    Column("client_id", Text, ForeignKey(_CLIENT[0], ondelete=_CLIENT[1]), primary_key=True, index=True),
    Column("items", ARRAY(Text), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
)
"""What people have let applications know and do, so that they are not asked again."""

pairwise_subject = Table(
    "pairwise_subject",
    metadata,
    Column("sector", Text, primary_key=True),
    Column("user_id", Text, ForeignKey(_USER[0], ondelete=_USER[1]), primary_key=True, index=True),
    Column("subject", Text, nullable=False, unique=True),
)
"""What somebody is called towards the applications of one sector (OpenID Connect Core, 8.1)."""

client_assertion = Table(
    "client_assertion",
    metadata,
    Column("client_id", Text, ForeignKey(_CLIENT[0], ondelete=_CLIENT[1]), primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("client_assertion_expires_at", "expires_at"),
)
"""Assertions that clients have authenticated with, each once (RFC 7523, 3)."""
