"""The entry of auth: `create_app(settings)` builds the ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.api import (
    access_evaluation,
    audit,
    audit_segments,
    clients,
    consents,
    device_keys,
    discovery,
    level_rules,
    municipalities,
    openid,
    people,
    personal_keys,
    policies,
    provided_services,
    signing_keys,
    standing,
    tenant_policies,
    tenants,
)
from services.auth.api.auditing import Auditing
from services.auth.api.reaching import Reaching
from services.auth.billing import api as costs
from services.auth.domain.local_government import load_gazetteer
from services.auth.metering import api as usage
from services.auth.operations.audit_log import AuditLog
from services.auth.operations.auth import Auth
from services.auth.operations.feed import Feed, consent_feed, policy_feed, tenant_feed
from services.auth.operations.first_start import bootstrap
from services.auth.passwords.attempts import Attempts
from services.auth.passwords.secret_hashes import SecretHashes
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA, is_reachable
from services.auth.store.policy_changes import PolicyChange
from services.auth.termination import on_termination
from services.auth.tokens.access_token import Issuer
from services.auth.tokens.client_keys import ClientKeys
from services.auth.tokens.key_ring import KeyRing
from services.kernel.app import ServiceInfo, add_routers, background, create_base_app, wrap
from services.kernel.clock import system_clock
from services.kernel.errors import Unavailable
from services.kernel.identity import Revisions, TokenVerifier
from services.kernel.postgres import open_engine
from services.kernel.seal import read_seal
from services.kernel.telemetry import AsgiApp

_RETRY_S = 2.0
_LONG_S = 20.0
_log = logging.getLogger("hiroba.auth")

INFO = ServiceInfo(
    name="auth",
    title="Hiroba auth",
    description="""Who shares the hub, and who may do what in it.

**Tenants** are the municipalities, prefectures and associations that share one installation, in a tree. Their names
stand in `Fiware-Service` (or `NGSILD-Tenant`) of the other services, which follow the change feed within a second.

**Clients** are programs. A client exchanges its secret for an access token at `/oauth/token` and sends it as
`Authorization: Bearer …` to every service; each verifies it by itself with the keys of `/jwks.json`. What a client may
do is said by its grants: actions, in a tenant, below a service path, for some entity types.

In the open local profile no token is needed. Errors are problem details (RFC 9457), at `/oauth/token` those of OAuth.
""",
    tags=[
        {"name": "Tenants", "description": "Who shares the installation, and the feed of its changes"},
        {"name": "Municipalities", "description": "The built-in list of local governments of Japan"},
        {"name": "Clients", "description": "Programs with a secret and grants"},
        {"name": "People", "description": "Users, organisations, and roles at nodes of the tree of tenants"},
        {"name": "Services", "description": "What organisations provide: life cycle, clients, agreements, audits"},
        level_rules.TAG,
        tenant_policies.TAG,
        consents.TAG,
        {"name": "Device keys", "description": "Keys that devices and small programs send as they are"},
        personal_keys.TAG,
        {"name": "Sign-in", "description": "OpenID Connect: who signed in, and the applications that ask"},
        {"name": "Tokens", "description": "OAuth 2.1: tokens, keys, discovery"},
        {"name": "Audit", "description": "What was done and refused, a chain of hashes"},
        usage.TAG,
        costs.TAG,
        {"name": "Signing keys", "description": "Rotation of the keys that sign tokens"},
    ],
)
_ROUTERS = (
    tenants.router,
    municipalities.router,
    clients.router,
    device_keys.router,
    personal_keys.router,
    people.router,
    provided_services.router,
    level_rules.router,
    tenant_policies.router,
    consents.router,
    access_evaluation.router,
    *openid.ROUTERS,
    discovery.router,
    policies.router,
    signing_keys.router,
    standing.router,
    audit.router,
    audit_segments.router,
    usage.router,
    costs.router,
)


def create_api(settings: AuthSettings) -> FastAPI:
    """Build the FastAPI application without the middleware around it; its `openapi()` is the published document.

    Reads or generates the secret that seals signing keys. Raises OSError.
    """
    engine = open_engine(settings.database_url, schema=SCHEMA, size=settings.database_pool)
    service = _create_service(settings, engine)
    feed = tenant_feed(engine, settings.database_url)
    outdated = policy_feed(engine, settings.database_url)
    consented = consent_feed(engine, settings.database_url)
    revisions = Revisions()

    started = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        with on_termination(lambda: loop.create_task(_close(feed, outdated, consented))):
            work = (
                feed.listen(),
                outdated.listen(),
                consented.listen(),
                _take_revisions(outdated, revisions),
                _first_start(settings, started),
            )
            async with background(*work):
                yield
        service.hashes.close()
        await engine.dispose()

    async def reaches_database() -> bool:
        return await is_reachable(engine)

    async def can_sign() -> bool:
        return await _can_sign(service.keys)

    async def has_started() -> bool:
        return started.is_set()

    checks = {"database": reaches_database, "signing-key": can_sign, "first-start": has_started}
    api = create_base_app(settings, INFO, lifespan, checks)
    api.state.auth = service
    api.state.feed = feed
    api.state.policy_feed = outdated
    api.state.consent_feed = consented
    api.state.verifier = _verifier(settings, service, revisions)
    add_routers(api, _ROUTERS)
    return api


def _verifier(settings: AuthSettings, service: Auth, revisions: Revisions) -> TokenVerifier:
    """Return what verifies tokens here: with the keys at hand, and what this process knows of outdated tokens."""
    is_open = settings.auth == "open"
    return TokenVerifier(
        settings.issuer, settings.auth_url, is_open=is_open, keys=service.keys.public_set, revisions=revisions
    )


def create_app(settings: AuthSettings) -> AsgiApp:
    """Build the ASGI application of the service. Raises OSError."""
    api = create_api(settings)
    return wrap(Reaching(Auditing(api, api.state.auth.audit)), settings, api.state.registry)


def _create_service(settings: AuthSettings, engine: AsyncEngine) -> Auth:
    seal = read_seal(settings.auth_key, settings.data_dir / "auth-key")
    return Auth(
        engine=engine,
        gazetteer=load_gazetteer(),
        hashes=SecretHashes(),
        keys=KeyRing(engine, seal, system_clock, token_life_s=settings.auth_token_life_s),
        issuer=Issuer(settings.issuer, settings.auth_token_life_s),
        clock=system_clock,
        accepts_reports=settings.tenant_creation == "on-write",
        confirming_services=settings.confirming_services,
        attempts=Attempts(),
        audit=AuditLog(engine, system_clock),
        client_keys=ClientKeys(settings.egress),
        registering=settings.auth_registration,
        lifetimes=settings.lifetimes,
        providers=settings.providers,
    )


async def _first_start(settings: AuthSettings, done: asyncio.Event) -> None:
    """Make sure of the first clients as soon as PostgreSQL is there and the data directory can be written."""
    while not done.is_set():
        try:
            await bootstrap(settings)
            done.set()
        except (Unavailable, OSError, ValueError, KeyError) as error:
            _log.warning("The first clients cannot be created yet", extra={"reason": repr(error)})
            await asyncio.sleep(_RETRY_S)


async def _close(*feeds: Feed[Any]) -> None:
    for feed in feeds:
        await feed.close()


async def _take_revisions(feed: Feed[PolicyChange], revisions: Revisions) -> None:
    """Keep what this process knows of outdated tokens as the database has it, until cancelled."""
    position = 0
    while True:
        try:
            found = await feed.changes_after(position, _LONG_S)
        except Unavailable:
            await asyncio.sleep(_RETRY_S)
            continue
        revisions.take({each.subject: each.position for each in found.changes})
        position = found.position
        await asyncio.sleep(0)


async def _can_sign(keys: KeyRing) -> bool:
    try:
        await keys.signer()
    except Unavailable as error:
        _log.warning("Tokens cannot be signed", extra={"reason": error.detail})
        return False
    return True
