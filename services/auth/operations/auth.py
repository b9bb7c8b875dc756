"""What the use cases work with."""

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.domain.local_government import Gazetteer
from services.auth.domain.openid.lifetimes import Lifetimes
from services.auth.domain.openid.provider import Providers
from services.auth.operations.audit_log import AuditLog
from services.auth.passwords.attempts import Attempts
from services.auth.passwords.secret_hashes import SecretHashes
from services.auth.tokens.access_token import Issuer
from services.auth.tokens.client_keys import ClientKeys
from services.auth.tokens.key_ring import KeyRing
from services.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Auth:
    """One process's auth service: its database, keys and clock.

    `registering` says who registers applications: administrators alone, people whose application is then approved,
    or everybody. `accepts_reports`: first writes create tenants. `confirming_services` hold rows of tenants, and say so
    when they hold none any more.
    """

    engine: AsyncEngine
    gazetteer: Gazetteer
    hashes: SecretHashes
    keys: KeyRing
    issuer: Issuer
    clock: Clock
    accepts_reports: bool
    confirming_services: tuple[str, ...]
    attempts: Attempts
    audit: AuditLog
    client_keys: ClientKeys = field(default_factory=ClientKeys)
    registering: Literal["administrators", "approval", "open"] = "approval"
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    providers: Providers = field(default_factory=Providers)
