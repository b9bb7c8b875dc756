"""The context broker as a service: both faces before FastAPI, which carries the rest and publishes OpenAPI."""

import contextlib
from collections.abc import AsyncIterator, Mapping

import asyncpg
from fastapi import FastAPI
from starlette.datastructures import State

from services.broker import ngsild, ngsiv2
from services.broker.cross import api as cross
from services.broker.export import routes as export
from services.broker.export import statistics
from services.broker.export.type_feed import TypeFeed
from services.broker.http import attribute_indexes
from services.broker.http.face import Face
from services.broker.http.openapi import add_routes
from services.broker.http.rechecks import Rechecks
from services.broker.notify import api
from services.broker.notify.dispatcher import Dispatcher
from services.broker.notify.figures import Figures
from services.broker.operations.attribute_indexes import build_indexes
from services.broker.operations.broker import Broker
from services.broker.operations.consents import follow as follow_consents
from services.broker.operations.contexts import Contexts
from services.broker.operations.housekeeping import keep_house
from services.broker.operations.notices import Notices
from services.broker.operations.own_source import OwnSource
from services.broker.operations.quotas import Rooms
from services.broker.operations.retention import Retention
from services.broker.operations.type_statistics import keep_statistics
from services.broker.operations.writer import Writer
from services.broker.settings import BrokerSettings
from services.broker.store.installation import installation_alias
from services.broker.stream.entrance import Entrance as StreamEntrance
from services.broker.stream.routes import DESCRIPTION, ld_routes, v2_routes
from services.broker.stream.shutdown import told_of_shutdown
from services.broker.stream.streams import Streams
from services.broker.stream.tickets import Tickets
from services.broker.stream.tickets import router as tickets_router
from services.kernel.app import ServiceInfo, add_routers, background, create_base_app, wrap
from services.kernel.audit import Audited, Journal
from services.kernel.clock import system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.metering import Kind, Ledger, Metered
from services.kernel.postgres import is_reachable, open_pool
from services.kernel.ratelimit import Sharing
from services.kernel.seal import read_seal
from services.kernel.telemetry import AsgiApp, Receive, Scope, Send
from services.kernel.tenancy import TenantDirectory
from services.kernel.tenancy import routes as tenant_data

INFO = ServiceInfo(
    name="broker",
    title="Hiroba context broker",
    description="NGSI-LD (ETSI GS CIM 009 v1.9.1) and NGSIv2 on the same entities. The tenant is named by"
    " `Fiware-Service` or `NGSILD-Tenant`; without one the default tenant is meant.",
    tags=[cross.TAG, statistics.TAG, tenant_data.TAG],
)

_QUERY_SESSION = {"plan_cache_mode": "force_custom_plan", "statement_timeout": "30s"}
"""Queries are planned for their values; one that takes too long is refused (TooComplexQuery), not endured."""


_STOCKS: Mapping[str, Kind] = {
    "entity": "entities",
    "history": "history_rows",
    "subscription": "subscriptions",
    "registration": "registrations",
    "v2_registration": "registrations",
}
"""What usage counts of the rows of which table."""


class _Entrance:
    """Sends a request to the face its path names, or to FastAPI; the faces exist once the parts are open."""

    def __init__(self, api: FastAPI, app: AsgiApp) -> None:
        self._api = api
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            parts = scope["path"].split("/", 3)
            faces = self._api.state.faces
            face = faces.get(parts[1]) or faces.get("/".join(parts[1:3]))
            if face is not None:
                await face(scope, receive, send)
                return
        await self._app(scope, receive, send)


def create_api(settings: BrokerSettings) -> FastAPI:
    """Build the application that opens the parts, and describes both faces though it does not serve them."""
    streams = Streams()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            broker = await _open(settings, stack, app.state, Figures(app.state.registry))
            app.state.broker = broker
            app.state.tenants = lambda: broker.tenants
            rechecks = Rechecks(broker, app.state.verifier.revisions)
            await stack.enter_async_context(background(rechecks.run(settings)))
            verifier = app.state.verifier
            v2 = ngsiv2.Counted(Face(ngsiv2.routes(), ngsiv2.Dialect(), broker, verifier), broker.v2_figures)
            ld = Face(ngsild.routes(), ngsild.Dialect(), broker, verifier)
            app.state.faces.update(dict.fromkeys(ngsiv2.PREFIXES, v2))
            app.state.faces.update(dict.fromkeys(ngsild.PREFIXES, ld))
            tickets = app.state.tickets = Tickets(broker.seal)
            ld_stream = Face(ld_routes(streams, verifier), ngsild.Dialect(), broker, verifier)
            v2_stream = Face(v2_routes(streams, verifier), ngsiv2.Dialect(), broker, verifier)
            exported = Face(export.routes(), export.ExportDialect(), broker, verifier)
            app.state.faces.update(dict.fromkeys(("export/entities", "export/history"), exported))
            app.state.faces["stream/ngsi-ld"] = StreamEntrance(ld_stream, tickets)
            app.state.faces["stream/v2"] = StreamEntrance(v2_stream, tickets)
            feed = app.state.type_feed = TypeFeed(broker)
            stack.enter_context(told_of_shutdown(streams.end))
            stack.enter_context(told_of_shutdown(feed.end))
            yield

    async def database_answers() -> bool:
        return await is_reachable(app.state.broker.pool)

    app = create_base_app(settings, INFO, lifespan, {"database": database_answers})
    app.state.faces = {}
    add_routers(
        app, (api.router, attribute_indexes.router, cross.router, statistics.router, tenant_data.router, tickets_router)
    )
    add_routes(app, ngsild.routes(), ngsild.DESCRIPTION)
    add_routes(app, ngsiv2.routes(), ngsiv2.DESCRIPTION)
    add_routes(app, export.routes(), export.DESCRIPTION)
    add_routes(app, (*ld_routes(streams), *v2_routes(streams)), DESCRIPTION)
    return app


def create_app(settings: BrokerSettings) -> AsgiApp:
    """Build the service."""
    api = create_api(settings)
    return wrap(_Entrance(api, Audited(Metered(api, api.state.meter), api.state.trail)), settings, api.state.registry)


async def _open(settings: BrokerSettings, stack: contextlib.AsyncExitStack, state: State, figures: Figures) -> Broker:
    pool = await _pool(settings, stack, {})
    query_pool = await _pool(settings, stack, _QUERY_SESSION)
    credentials = ServiceCredentials(settings.auth_url, settings.client_id, settings.client_secret)
    tenants = TenantDirectory(pool, creates_on_write=settings.tenant_creation == "on-write")
    notices = Notices(settings.notify_lag_s)
    writer = Writer(pool, notices, system_clock, lanes=settings.writer_lanes, batch=settings.writer_batch)
    writer.rooms, writer.trail = Rooms(pool, tenants), state.trail
    contexts = Contexts(pool, settings)
    alias = await installation_alias(pool)
    seal = read_seal(settings.broker_key, settings.data_dir / "broker-key")
    own_source = OwnSource(settings.ingest_url, credentials)
    parts = (settings, pool, query_pool, tenants, contexts, writer, system_clock, seal, own_source)
    broker = Broker(
        *parts, log_watch=notices.log, type_watch=notices.types, alias=alias, meter=state.meter, trail=state.trail
    )
    stack.push_async_callback(broker.provider_session.close)
    dispatcher = Dispatcher(broker, notices, figures)
    follow = tenants.follow(settings.auth_url, credentials)
    consents = follow_consents(pool, settings.auth_url, credentials)
    usage = Ledger(pool, state.meter, _STOCKS).run(settings.auth_url, credentials)
    work = (writer.run(), dispatcher.run(), keep_house(broker), keep_statistics(broker), build_indexes(pool), follow)
    journal = Journal("broker", pool, state.trail).run(settings.auth_url, credentials)
    limits = journal, Sharing(pool, broker.limiter).run(), Retention(pool, tenants, system_clock).run()
    await stack.enter_async_context(background(*work, usage, consents, *limits))
    return broker


async def _pool(
    settings: BrokerSettings, stack: contextlib.AsyncExitStack, session_settings: dict[str, str]
) -> asyncpg.Pool:
    pool = await open_pool(
        settings.database_url, schema="broker", size=settings.database_pool, session_settings=session_settings
    )
    stack.push_async_callback(pool.close)
    return pool
