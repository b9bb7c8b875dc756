"""The entry of ingest: `create_app(settings)` builds the provisioning app, `serve(settings)` runs both ports."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import Any

import uvicorn
from fastapi import FastAPI

from services.ingest.http import (
    about,
    assets,
    configuration,
    connectors,
    dead_letters,
    devices,
    dialect,
    exports,
    groups,
    imports,
    lazy,
    log_level,
    mappings,
    measures,
    notified,
    provider,
    push,
    refused_rows,
    sources,
    ultralight,
    webhooks,
)
from services.ingest.operations.figures import Figures
from services.ingest.parts import Parts
from services.ingest.settings import IngestSettings
from services.ingest.sink.port import EntitySink
from services.kernel import docs, problems
from services.kernel.app import ServiceInfo, add_routers, create_base_app, wrap
from services.kernel.audit import Audited
from services.kernel.metering import Metered
from services.kernel.telemetry import AsgiApp, create_registry
from services.kernel.tenancy import routes as tenant_data

INFO = ServiceInfo(
    name="ingest",
    title="Hiroba ingest",
    description="""What a city's devices and files tell, turned into entities of the context broker.

**Groups and devices** are provisioned as with the FIWARE IoT agent for JSON (`/iot/groups`, `/iot/services`,
`/iot/devices`), with the headers `fiware-service` and `fiware-servicepath`; errors are the agent's, `{name, message}`.

**Measures** come over MQTT (`/json/<apikey>/<device>/attrs`, QoS 1) and over HTTP on the measures' port
(`POST /iot/json?k=<apikey>&i=<device>`). They are acknowledged when the context broker has committed them.

**Dead letters** keep what was refused, with its reason; it can be sent again. **Imports** turn a city's CSV files into
entities, with a report that accounts for every row. Errors of these two are problem details (RFC 9457).
""",
    tags=[
        {"name": "Groups", "description": "What the devices of one API key share"},
        {"name": "Devices", "description": "Who sends measures, and what they mean"},
        {"name": "Commands", "description": "What the context broker forwards to devices"},
        {"name": "Lazy attributes", "description": "What devices are asked for when their entities are read"},
        {"name": "Dead letters", "description": "What was refused, and why"},
        {"name": "Imports", "description": "Files and feeds turned into entities, and entities into files"},
        {"name": "Connectors", "description": "Documents that ingest fetches itself"},
        tenant_data.TAG,
    ],
)
_MEASURES = """Measures of devices over HTTP, as the FIWARE IoT agent for JSON takes them.

A device is known by the API key of its group (`k`) and its id (`i`). It may present a device key or a token besides
(`Authorization: Bearer`), which must then be granted to `write` what it sends: 401 or 403 if it is not.

The answer 200 means that the context broker has committed the measures; 503 that they are to be sent again. Errors are
the agent's, `{name, message}`.
"""
_GRACE_S = 12


def create_api(settings: IngestSettings, sink: EntitySink | None = None) -> FastAPI:
    """Build the provisioning application without the middleware around it; its `openapi()` is the published document.

    Its lifespan takes in measures. `sink` stands in for the context broker that the settings name.
    """

    @contextlib.asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with api.state.parts.running():
            yield

    parts = Parts(settings, sink)
    checks = {
        "database": parts.is_database_ready,
        "mqtt": parts.is_mqtt_ready,
        "broker": parts.is_broker_ready,
        "intake": parts.is_intake_ready,
    }
    api = create_base_app(settings, INFO, lifespan, checks)
    parts.figures = Figures(api.state.registry)
    parts.meter = api.state.meter
    parts.limiter = api.state.limiter
    parts.trail = api.state.trail
    parts.verifier = api.state.verifier
    api.state.parts = parts
    dialect.install(api)
    api.state.tenants = lambda: parts.tenants
    routers = (
        groups.router,
        devices.router,
        provider.router,
        notified.router,
        lazy.router,
        assets.router,
        dead_letters.router,
        mappings.router,
        imports.router,
        refused_rows.router,
        exports.router,
        connectors.router,
        sources.router,
        about.router,
        log_level.router,
    )
    add_routers(api, (*routers, tenant_data.router))
    return api


def create_measures_api(parts: Parts) -> FastAPI:
    """Build the application of the measures' port, beside a provisioning application that runs `parts`."""
    api = FastAPI(
        title="Hiroba ingest: measures",
        description=_MEASURES,
        version=version("hiroba"),
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=[{"name": "Measures", "description": "What devices send"}],
    )
    api.state.parts = parts
    problems.install(api)
    docs.install(api)
    dialect.install(api, ("/",))
    add_routers(api, (measures.router, ultralight.router, configuration.router, webhooks.router, push.router))
    return api


def create_app(settings: IngestSettings) -> AsgiApp:
    """Build the ASGI application of the provisioning port."""
    api = create_api(settings)
    return _wrapped(api, settings)


def _wrapped(api: FastAPI, settings: IngestSettings) -> AsgiApp:
    limits = {"/imports": settings.ingest_import_limit_bytes}
    return wrap(
        Audited(Metered(api, api.state.meter, batches=("/imports",)), api.state.trail),
        settings,
        api.state.registry,
        limits,
    )


def create_measures_app(parts: Parts) -> AsgiApp:
    """Build the ASGI application of the measures' port."""
    return wrap(create_measures_api(parts), parts.settings, create_registry())


async def serve(settings: IngestSettings, sink: EntitySink | None = None) -> None:
    """Serve both ports until SIGTERM or SIGINT, then finish what is under way. Raises RuntimeError if intake fails."""
    api = create_api(settings, sink)
    parts: Parts = api.state.parts
    provisioning = _server(settings, _wrapped(api, settings), settings.ingest_port, lifespan="on")
    taking = _server(settings, create_measures_app(parts), settings.ingest_http_port, lifespan="off")
    failure = asyncio.ensure_future(parts.failed.wait())
    with _stopping_at_signals() as stopped:
        first = asyncio.ensure_future(provisioning.serve())
        await provisioning.is_up.wait()
        second = asyncio.ensure_future(taking.serve())
        ends: list[asyncio.Future[Any]] = [first, second, failure, stopped]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        is_failure = failure.done() and not stopped.done()
        for server, serving in ((taking, second), (provisioning, first)):
            server.should_exit = True
            await serving
    failure.cancel()
    if is_failure:
        raise RuntimeError("Measures are no longer taken in; the log has the reason")


class _Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs it beside another, and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def _server(settings: IngestSettings, app: AsgiApp, port: int, *, lifespan: str) -> _Server:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        lifespan=lifespan,  # type: ignore[arg-type]
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return _Server(config)


@contextlib.contextmanager
def _stopping_at_signals() -> "Iterator[asyncio.Future[None]]":
    """Yield a future that SIGTERM and SIGINT resolve."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield stopped
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        stopped.cancel()
