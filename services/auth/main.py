"""The entry of auth: `create_app(settings)` builds the ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.api import clients, discovery, municipalities, oauth, signing_keys, tenants
from services.auth.domain.local_government import load_gazetteer
from services.auth.operations.auth import Auth
from services.auth.operations.feed import TenantFeed
from services.auth.operations.first_start import bootstrap
from services.auth.passwords.secret_hashes import SecretHashes
from services.auth.settings import AuthSettings
from services.auth.store.database import SCHEMA, is_reachable
from services.auth.termination import on_termination
from services.auth.tokens.access_token import Issuer
from services.auth.tokens.key_ring import KeyRing
from services.kernel.app import ServiceInfo, background, create_base_app, wrap
from services.kernel.clock import system_clock
from services.kernel.errors import Unavailable
from services.kernel.identity import TokenVerifier
from services.kernel.postgres import open_engine
from services.kernel.seal import read_seal
from services.kernel.telemetry import AsgiApp

_RETRY_S = 2.0
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
        {"name": "Tokens", "description": "OAuth 2.1: tokens, keys, discovery"},
        {"name": "Signing keys", "description": "Rotation of the keys that sign tokens"},
    ],
)
_ROUTERS = (tenants.router, municipalities.router, clients.router, oauth.router, discovery.router, signing_keys.router)


def create_api(settings: AuthSettings) -> FastAPI:
    """Build the FastAPI application without the middleware around it; its `openapi()` is the published document.

    Reads or generates the secret that seals signing keys. Raises OSError.
    """
    engine = open_engine(settings.database_url, schema=SCHEMA, size=settings.database_pool)
    service = _create_service(settings, engine)
    feed = TenantFeed(engine, settings.database_url)

    started = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        with on_termination(lambda: loop.create_task(feed.close())):
            async with background(feed.listen(), _first_start(settings, started)):
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
    api.state.verifier = TokenVerifier(
        settings.issuer, settings.auth_url, is_open=settings.auth == "open", keys=service.keys.public_set
    )
    for router in _ROUTERS:
        api.include_router(router)
    return api


def create_app(settings: AuthSettings) -> AsgiApp:
    """Build the ASGI application of the service. Raises OSError."""
    api = create_api(settings)
    return wrap(api, settings, api.state.registry)


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


async def _can_sign(keys: KeyRing) -> bool:
    try:
        await keys.signer()
    except Unavailable as error:
        _log.warning("Tokens cannot be signed", extra={"reason": error.detail})
        return False
    return True
