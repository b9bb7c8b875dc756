"""The frame of every service: health, metrics, docs, errors, middleware; `create_app(settings)` builds on it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response

from services.kernel import docs, problems
from services.kernel.audit.trail import Trail
from services.kernel.body_limit import BodyLimits
from services.kernel.clock import system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import InvalidRequest
from services.kernel.identity import OPEN, Principal, TokenVerifier
from services.kernel.metering.meter import Meter
from services.kernel.ratelimit.limiter import Limiter
from services.kernel.settings import Settings
from services.kernel.telemetry import AsgiApp, HttpMetrics, Telemetry, create_registry
from services.kernel.tenancy import TenantDirectory, fold_name, name_in_headers
from services.kernel.tenancy.callers import in_tenants
from services.kernel.tenancy.open_data import identified_reader, with_open_data

Check = Callable[[], Awaitable[bool]]
Lifespan = Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]
_log = logging.getLogger("hiroba.app")
_LIMITS = ("RateLimit", "RateLimit-Policy", "Retry-After")
_bearer = HTTPBearer(auto_error=False, description="Access token of auth's `/oauth/token`; not needed in open mode")


class Health(BaseModel):
    """Whether the service can do its work."""

    status: str = Field(description="`pass` or `fail`", examples=["pass"])
    service: str = Field(description="Name of the service", examples=["broker"])
    version: str = Field(description="Version of Hiroba", examples=["0.1.0"])
    checks: Mapping[str, str] = Field(description="What it needs, each `pass` or `fail`")


@dataclass(frozen=True)
class ServiceInfo:
    """How a service presents itself."""

    name: str
    title: str
    description: str
    tags: list[dict[str, Any]] = field(default_factory=list)


async def caller(request: Request, _: Annotated[object, Depends(_bearer)] = None) -> Principal:
    """Identify who calls a FastAPI route. Raises NotAuthenticated."""
    verifier: TokenVerifier = request.app.state.verifier
    return await _admitted(request, await verifier.identify(request.headers.get("authorization")))


async def reader(request: Request) -> Principal:
    """Identify who reads entities through a FastAPI route of the tenant that the headers name.

    Beside its grants it has what the tenant opens to all, which needs no token. Raises NotAuthenticated.
    """
    tenants: TenantDirectory = request.app.state.tenants()
    principal = await identified_reader(request.app.state.verifier, tenants, request.headers)
    tenant = await tenants.find_any(name_in_headers(request.headers))
    principal = await _admitted(request, principal)
    return principal if tenant is None or principal is OPEN else with_open_data(principal, tenant)


async def _admitted(request: Request, principal: Principal) -> Principal:
    request.state.principal = principal
    _limit(request, principal)
    return await _in_its_tenants(request, principal)


async def _in_its_tenants(request: Request, principal: Principal) -> Principal:
    """Return the caller as the tenants have it that the request names in headers or as the parameter `tenant`."""
    tenants = getattr(request.app.state, "tenants", None)
    if tenants is None or principal is OPEN:
        return principal
    try:
        names = {name_in_headers(request.headers), fold_name(request.query_params.get("tenant", ""), "tenant")}
    except InvalidRequest:
        return principal  # the route itself says what is wrong with the name
    return await in_tenants(tenants(), principal, names, system_clock())


Caller = Annotated[Principal, Depends(caller)]
Reader = Annotated[Principal, Depends(reader)]
OPTIONAL_TOKEN: dict[str, Any] = {"security": [{}, {"HTTPBearer": []}]}
"""What OpenAPI says of routes that need no token and show more with one."""


def _limit(request: Request, principal: Principal) -> None:
    """Count the request against the quotas of its tenant. Raises RateLimited."""
    directory = getattr(request.app.state, "tenants", None)
    if directory is None:
        return
    try:
        tenant = name_in_headers(request.headers)
    except InvalidRequest:  # the route refuses it in its own words
        return
    quotas = directory().quotas_of(tenant)
    if quotas is not None:
        request.state.rate_limit = request.app.state.limiter.spend(tenant, principal.client_id, quotas)


def create_base_app(settings: Settings, info: ServiceInfo, lifespan: Lifespan, checks: Mapping[str, Check]) -> FastAPI:
    """Build the app that a service adds its routes to."""
    app = FastAPI(
        title=info.title,
        description=info.description,
        version=version("hiroba"),
        openapi_tags=[*info.tags, {"name": "Operation", "description": "Health and metrics of the service"}],
        lifespan=_following(settings, lifespan),
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.registry = create_registry()
    app.state.meter = Meter()
    app.state.limiter = Limiter()
    app.state.trail = Trail()
    app.state.verifier = TokenVerifier(settings.issuer, settings.auth_url, is_open=settings.auth == "open")
    problems.install(app)
    docs.install(app)
    _add_operation_routes(app, info, checks)
    return app


def add_routers(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Add routers' routes as they are, built once for a process; `include_router` builds all anew for each app."""
    for router in routers:
        app.router.routes.extend(router.routes)


def _following(settings: Settings, lifespan: Lifespan) -> Lifespan:
    """Let a service that calls auth as a client follow which tokens are outdated, for the length of its life."""
    if settings.auth == "open" or not settings.client_id:
        return lifespan

    @contextlib.asynccontextmanager
    async def following(app: FastAPI) -> AsyncIterator[None]:
        verifier: TokenVerifier = app.state.verifier
        credentials = ServiceCredentials(settings.auth_url, settings.client_id, settings.client_secret)
        async with background(verifier.revisions.follow(settings.auth_url, credentials)), lifespan(app):
            yield

    return following


def wrap(
    app: AsgiApp, settings: Settings, registry: CollectorRegistry, limits: Mapping[str, int] = MappingProxyType({})
) -> AsgiApp:
    """Put the middleware around an app, outermost first: telemetry, CORS, body limit.

    `limits` are other limits of bodies, by the beginning of the path.
    """
    limited = BodyLimits(app, settings.body_limit_bytes, limits)
    origins = settings.allowed_origins
    crossed: AsgiApp = limited
    if origins:
        crossed = CORSMiddleware(
            limited,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[
                "Fiware-Correlator",
                "Fiware-Total-Count",
                "NGSILD-Results-Count",
                "Location",
                "Link",
                *_LIMITS,
            ],
        )
    return Telemetry(crossed, HttpMetrics(registry))


@contextlib.asynccontextmanager
async def background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the block and cancel it at its end.

    Work that fails is logged and told to the event loop's exception handler as `fatal`: a service that serves alone
    ends then, to be started again whole, instead of living on as half of itself.
    """
    tasks = [asyncio.ensure_future(each) for each in work]
    for task in tasks:
        task.add_done_callback(_tell_if_failed)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_if_failed(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("Background work ends", exc_info=task.exception())
        context = {"message": "Background work ends", "exception": task.exception(), "fatal": True}
        task.get_loop().call_exception_handler(context)


def _add_operation_routes(app: FastAPI, info: ServiceInfo, checks: Mapping[str, Check]) -> None:
    @app.get("/health/live", tags=["Operation"], summary="Tell whether the process runs", response_model=Health)
    async def live() -> Health:
        return Health(status="pass", service=info.name, version=app.version, checks={})

    @app.get(
        "/health/ready",
        tags=["Operation"],
        summary="Tell whether the service can do its work",
        response_model=Health,
        responses={503: {"model": Health, "description": "A part it needs is away"}},
    )
    async def ready() -> Response:
        results = {name: "pass" if await check() else "fail" for name, check in checks.items()}
        passed = all(result == "pass" for result in results.values())
        health = Health(status="pass" if passed else "fail", service=info.name, version=app.version, checks=results)
        return JSONResponse(health.model_dump(), 200 if passed else 503)

    @app.get(
        "/metrics",
        tags=["Operation"],
        summary="Read the service's figures in the Prometheus format",
        responses={200: {"content": {"text/plain": {}}, "description": "Prometheus exposition format"}},
        response_class=Response,
    )
    async def metrics() -> Response:
        return Response(generate_latest(app.state.registry), media_type=CONTENT_TYPE_LATEST)
