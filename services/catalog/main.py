"""The entry of the catalogue: `create_app(settings)` builds the ASGI application."""

import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.routing import Match

from services.catalog.api import (
    appearances,
    data_maps,
    datasets,
    exports,
    files,
    freshness,
    harvests,
    imports,
    linked_data,
    live,
    publishers,
    quality,
    records,
    schemes,
    search,
    services,
    units,
    versions,
    vocabularies,
    working_copies,
)
from services.catalog.api.head import AnswersHead
from services.catalog.api.search_answers import SearchAnswers
from services.catalog.api.search_face import SearchFace
from services.catalog.ckan.face import PREFIX, CkanFace, Limits
from services.catalog.ckan.openapi import TAG, add_actions
from services.catalog.ckan.site import Site
from services.catalog.dcat.catalogue import Presentation
from services.catalog.domain.observation import LiveTypes
from services.catalog.downloads.export import Exports
from services.catalog.live.feed import FollowedLiveTypes
from services.catalog.live.follow import follow
from services.catalog.live.null import NoLiveTypes
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.conversion import Conversions
from services.catalog.operations.follow_open_data import follow_open_data
from services.catalog.operations.harvest import Harvester
from services.catalog.operations.hub_facts import HubClients
from services.catalog.operations.lateness import LatenessRounds
from services.catalog.operations.looks import LookRounds
from services.catalog.operations.map_rounds import MapRounds
from services.catalog.operations.people import People
from services.catalog.operations.personal_keys import PersonalKeys
from services.catalog.operations.reanalyse import keep_findable
from services.catalog.portal.entrance import CALLBACK
from services.catalog.portal.face import EDITOR, PortalFace, wants_page
from services.catalog.portal.session import Sessions
from services.catalog.portal.sign_in import Application, SignIn
from services.catalog.portal.site import Site as PortalSite
from services.catalog.settings import CatalogSettings
from services.catalog.store.searches import open_searches
from services.catalog.store.session import SCHEMA
from services.kernel.app import ServiceInfo, add_routers, background, create_base_app, wrap
from services.kernel.audit import Audited, Journal
from services.kernel.clock import system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.http_client import http_client
from services.kernel.metering import Ledger, Metered
from services.kernel.postgres import is_reachable, open_engine, open_pool
from services.kernel.ratelimit import Sharing
from services.kernel.seal import read_seal
from services.kernel.telemetry import AsgiApp, Receive, Scope, Send
from services.kernel.tenancy import TenantDirectory
from services.kernel.tenancy import routes as tenant_data

_TENANT_CONNECTIONS = 2
INFO = ServiceInfo(
    name="catalog",
    title="Hiroba data catalogue",
    description="""What data there is in the hub, under which terms, and how to get it.

Two kinds of **data sets**: entries about files (`file`), imported from a city's list or written here, and one for each
entity type that a tenant has in the context broker (`live`), kept current by itself. Their publisher is the tenant.

They can be had as **linked data** (DCAT-AP 3 in JSON-LD and Turtle: `/catalog`, `/dataset/{id}`), through the **CKAN
action API** (`/api/3/action/…`), and as plain JSON here (`/datasets`).

Published public data sets are read without a token, also where the hub requires one. Restricted ones are seen by who
may read their tenant. Writing needs a grant to `publish` in the tenant that `Fiware-Service` (or `NGSILD-Tenant`)
names. Errors are problem details (RFC 9457), in the CKAN action API those of CKAN.
""",
    tags=[
        {"name": "Data sets", "description": "Find, read, publish, change and withdraw data sets"},
        live.TAG,
        files.TAG,
        appearances.TAG,
        data_maps.TAG,
        {"name": "Import", "description": "Lists of open data, as cities publish them"},
        {"name": "Linked data (DCAT-AP)", "description": "The catalogue as RDF, page by page"},
        TAG,
        harvests.TAG,
        records.TAG,
        {"name": "Vocabularies", "description": "Licences, themes and other words, as JSON, SKOS and JSON Schema"},
        tenant_data.TAG,
    ],
)
_ROUTERS = (
    imports.router,
    search.router,
    live.router,
    quality.router,
    files.router,
    data_maps.router,
    datasets.router,
    versions.router,
    working_copies.router,
    units.router,
    appearances.router,
    freshness.router,
    harvests.router,
    exports.router,
    linked_data.router,
    publishers.router,
    services.router,
    records.router,
    vocabularies.router,
    schemes.router,
    tenant_data.router,
)


class _Entrance:
    """Sends what is CKAN's to its face, searches to theirs, what readers want to the portal, all else to FastAPI."""

    def __init__(self, api: FastAPI, ckan: CkanFace, portal: PortalFace) -> None:
        self._api = api
        self._search = SearchFace(api)
        self._ckan = ckan
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/")):
            await self._ckan(scope, receive, send)
        elif scope["type"] == "http" and self._search.answers(scope) and not wants_page(scope):
            await self._search(scope, receive, send)
        elif scope["type"] == "http" and (self._portal.answers(scope) or self._is_lost(scope)):
            await self._portal(scope, receive, send)
        else:
            await self._api(scope, receive, send)

    def _is_lost(self, scope: Scope) -> bool:
        """Tell whether a browser asks for what nobody has: the portal says so in a page."""
        return wants_page(scope) and all(route.matches(scope)[0] is Match.NONE for route in self._api.routes)


def create_api(settings: CatalogSettings) -> FastAPI:
    """Build the FastAPI application without the CKAN face and the middleware; its `openapi()` describes both."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await _open(settings, app, stack)
            yield

    async def database_answers() -> bool:
        return await is_reachable(api.state.pool)

    api = create_base_app(settings, INFO, lifespan, {"database": database_answers})
    api.state.is_open = settings.auth == "open"
    api.state.presentation = Presentation(
        settings.catalog_title, settings.catalog_title_en, settings.catalog_publisher, settings.addresses
    )
    add_routers(api, _ROUTERS)
    _describe_ckan(api)
    return api


def create_app(settings: CatalogSettings) -> AsgiApp:
    """Build the ASGI application of the service."""
    api = create_api(settings)

    def site() -> Site:
        title = f"{settings.catalog_title} / {settings.catalog_title_en}"
        auth = api.state.hub_clients.auth
        about = (title, settings.catalog_publisher, PersonalKeys(auth), People(auth), settings.catalog_cadde_provider)
        return Site(api.state.catalogue, *about, api.state.exports)

    limits = Limits(settings.body_limit_bytes, settings.catalog_file_limit_bytes)
    ckan = CkanFace(site, api.state.verifier, limits, is_open=api.state.is_open)
    portal = PortalFace(lambda: _portal_site(api, settings))
    entrance = _with_sessions(AnswersHead(_Entrance(api, ckan, portal)), settings, api)
    metered = Metered(entrance, api.state.meter, batches=("/datasets/import",))
    return wrap(
        Audited(metered, api.state.trail),
        settings,
        api.state.registry,
        {
            files.PREFIX: settings.catalog_file_limit_bytes,
            EDITOR: settings.catalog_file_limit_bytes,
            f"{PREFIX}/": sys.maxsize,  # the face has limits of its own, and refuses in CKAN's words
        },
    )


def _with_sessions(app: AsgiApp, settings: CatalogSettings, api: FastAPI) -> AsgiApp:
    if not settings.catalog_sign_in_client:
        return app
    address = settings.addresses.catalog
    application = Application(
        settings.catalog_sign_in_client,
        settings.catalog_sign_in_secret,
        f"{address}{CALLBACK}",
        settings.issuer,
        settings.auth_url,
    )
    seal = read_seal(settings.catalog_key, settings.data_dir / "catalog-key")
    api.state.sign_in_client = http_client()
    sign_in = SignIn(application, api.state.sign_in_client)
    return Sessions(app, seal, sign_in, forms=EDITOR, is_secure=address.startswith("https:"))


def _portal_site(api: FastAPI, settings: CatalogSettings) -> PortalSite:
    return PortalSite(
        api.state.catalogue,
        api.state.exports,
        api.state.verifier,
        settings.catalog_title,
        settings.catalog_title_en,
        settings.catalog_publisher,
        is_open=api.state.is_open,
        file_limit_bytes=settings.catalog_file_limit_bytes,
        consoles=settings.consoles,
        hub=api.state.hub_clients,
    )


async def _open(settings: CatalogSettings, app: FastAPI, stack: contextlib.AsyncExitStack) -> None:
    pool = await open_pool(settings.database_url, schema=SCHEMA, size=_TENANT_CONNECTIONS)
    stack.push_async_callback(pool.close)
    engine = open_engine(settings.database_url, schema=SCHEMA, size=settings.database_pool)
    stack.push_async_callback(engine.dispose)
    credentials = ServiceCredentials(settings.auth_url, settings.client_id, settings.client_secret)
    searches = await open_searches(settings.database_url, size=settings.database_pool)
    stack.push_async_callback(searches.close)
    tenants = TenantDirectory(pool, creates_on_write=settings.tenant_creation == "on-write")
    catalogue = Catalogue(
        engine, searches, tenants, settings.addresses, system_clock, settings.live_access, settings.catalog_four_eyes
    )
    client = await stack.enter_async_context(http_client(settings.broker_url))
    types = _live_types(settings, client, credentials)
    if settings.catalog_sign_in_client:
        stack.push_async_callback(app.state.sign_in_client.aclose)
    app.state.pool = pool
    app.state.tenants = lambda: tenants
    app.state.catalogue = catalogue
    app.state.search_answers = SearchAnswers(catalogue)
    app.state.exports = Exports(client)
    ingest = await stack.enter_async_context(http_client(settings.ingest_url))
    app.state.conversions = Conversions(ingest)
    auth = await stack.enter_async_context(http_client(settings.auth_url))
    app.state.hub_clients = HubClients(auth, client, ingest, credentials)
    app.state.file_limit_bytes = settings.catalog_file_limit_bytes
    app.state.harvester = Harvester(catalogue, settings.egress, settings.catalog_harvest_interval_s)
    every_s = settings.catalog_lateness_interval_s
    limits = Sharing(pool, app.state.limiter).run()
    journal = Journal(SCHEMA, pool, app.state.trail).run(settings.auth_url, credentials)
    usage = Ledger(pool, app.state.meter, {"dataset": "datasets"}).run(settings.auth_url, credentials)
    work = (
        tenants.follow(settings.auth_url, credentials),
        follow(catalogue, types),
        follow_open_data(catalogue),
        usage,
        limits,
        journal,
        keep_findable(catalogue),
        LookRounds(catalogue).run(),
        *([app.state.harvester.run()] if settings.catalog_harvest_interval_s else []),
        *([_map_rounds(settings, app).run()] if settings.catalog_data_map_interval_s else []),
        *([LatenessRounds(catalogue, client, credentials, every_s).run()] if every_s else []),
    )
    await stack.enter_async_context(background(*work))


def _map_rounds(settings: CatalogSettings, app: FastAPI) -> MapRounds:
    every = timedelta(seconds=settings.catalog_data_map_interval_s)
    kept = timedelta(days=settings.catalog_data_map_days)
    return MapRounds(app.state.catalogue, app.state.hub_clients, every, kept)


def _live_types(settings: CatalogSettings, client: httpx.AsyncClient, credentials: ServiceCredentials) -> LiveTypes:
    if not settings.catalog_live_interval_s:
        return NoLiveTypes()
    return FollowedLiveTypes(client, credentials, settings.catalog_live_interval_s)


def _describe_ckan(api: FastAPI) -> None:
    plain = api.openapi

    def with_ckan() -> dict[str, Any]:
        if api.openapi_schema is None:
            document = plain()
            add_actions(document)
            api.openapi_schema = document
        return api.openapi_schema

    api.openapi = with_ckan  # type: ignore[method-assign]
