"""`/connectors`: documents that ingest fetches itself, by a schedule."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ingest.connectors.connector import ConnectorDocument, Text
from services.ingest.http.headers import Place, WrittenPlace
from services.ingest.http.imports import ERRORS
from services.ingest.http.parameters import AskedPage, NamedTenant
from services.ingest.operations.connecting import open_secrets, seal_secrets
from services.ingest.store.connectors import Connector
from services.kernel.app import Caller
from services.kernel.egress import EgressRefused, check_url
from services.kernel.errors import Conflict, InvalidRequest, NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/connectors", tags=["Connectors"])
_FOUND = {**ERRORS, 404: RESPONSES[404]}
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", description="Name of the connector")]
_SecretName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,49}$")]


async def named_place(name: Name, place: WrittenPlace) -> tuple[str, Place]:
    """Read which connector is meant, and where its entities are written to."""
    return name, place


NamedPlace = Annotated[tuple[str, Place], Depends(named_place)]


class ConnectorBody(ConnectorDocument):
    """A connector. Without `secrets` it keeps those that it has."""

    secrets: dict[_SecretName, Text] | None = Field(
        None, max_length=20, description="Keys and passwords by name; kept sealed, and never shown again"
    )


class ConnectorState(BaseModel):
    """How the last run was."""

    outcome: str = Field(
        "", description="`imported`, `unchanged`, `busy` if the import before it was not finished, or `failed`"
    )
    at: datetime | None = Field(None, description="When it last ran")
    error: str = Field("", description="Why it failed")
    run: int | None = Field(None, description="Number of the import run that it last began")
    imported_at: datetime | None = Field(None, description="When it last began an import")


class ConnectorInfo(BaseModel):
    """A connector and how it fares."""

    name: str = Field(examples=["bus-positions"])
    service_path: str
    connector: ConnectorDocument
    secrets: list[str] = Field(description="Names of its secrets")
    next_at: datetime | None = Field(description="When it runs next")
    failures: int = Field(description="How often it has failed since it last succeeded")
    state: ConnectorState


class Connectors(BaseModel):
    """A page of connectors, by name."""

    count: int
    connectors: list[ConnectorInfo]


@router.get("", summary="List connectors", responses=ERRORS)
async def list_connectors(request: Request, principal: Caller, page: AskedPage, tenant: NamedTenant) -> Connectors:
    """List a tenant's connectors, by name, and how they fare."""
    principal.require("provision", tenant)
    count, found = await request.app.state.parts.connectors.list(tenant, page)
    return Connectors(count=count, connectors=[_shown(request, each) for each in found])


@router.get("/{name}", summary="Read a connector", responses=_FOUND)
async def read_connector(request: Request, principal: Caller, name: Name, tenant: NamedTenant) -> ConnectorInfo:
    """Read a connector, and how it fares. Its runs are listed by `GET /imports?connector=`."""
    principal.require("provision", tenant)
    return _shown(request, await request.app.state.parts.connectors.find(tenant, name))


@router.put(
    "/{name}",
    summary="Create or change a connector",
    responses={**ERRORS, 201: {"model": ConnectorInfo, "description": "It is new"}, 404: RESPONSES[404]},
)
async def put_connector(
    request: Request, response: Response, principal: Caller, body: ConnectorBody, named: NamedPlace
) -> ConnectorInfo:
    """Store a connector. It runs at once, then by its schedule.

    The caller needs `provision` in the tenant, and may `write` the types that the document becomes.
    """
    parts = request.app.state.parts
    name, place = named
    path = place.exact_path
    principal.require("provision", place.tenant, [path])
    document = ConnectorDocument.model_validate(body.model_dump(exclude={"secrets"}))
    principal.require("write", place.tenant, [path], await _types(request, document, place.tenant))
    secrets = await _secrets(request, name, body, place.tenant)
    document.check_secrets(secrets)
    now = parts.clock()
    if document.schedule is not None:
        document.schedule.next_after(now, parts.zone)
        _check_address(document.address(secrets), parts.fetcher.policy)
    known = await parts.tenants.find_or_create(place.tenant)
    sealed = seal_secrets(parts.seal, secrets)
    stored = document.model_dump(mode="json", exclude_defaults=True)
    given = Connector(
        0, place.tenant, name, path, stored, sealed, document.is_active, next_at=now if document.schedule else None
    )
    response.status_code = 201 if await parts.connectors.put(given, known.tenant_id, now) else 200
    parts.connecting.kick()
    return _shown(request, await parts.connectors.find(place.tenant, name))


def _check_address(url: str, policy: str) -> None:
    try:
        check_url(url, policy)
    except EgressRefused as error:
        raise InvalidRequest(error.detail, field="url") from None


async def _types(request: Request, document: ConnectorDocument, tenant: str) -> list[str]:
    """Return the types that a document becomes. Raises NotFound, InvalidRequest."""
    parts = request.app.state.parts
    if document.feed is not None:
        feed = parts.feeds.named(document.feed)
        unknown = sorted(set(document.options) - set(feed.options))
        if unknown:
            raise InvalidRequest(f"Feed {feed.name} has no option {unknown[0]:.60}", field="options")
        return list(feed.types)
    if document.options:
        raise InvalidRequest("Options are for feeds; a file has none", field="options")
    if document.mapping is None:
        return [str(document.type)]
    mapping = (await parts.importing.shelf(tenant)).named(document.mapping)
    if document.type not in (None, mapping.type):
        raise InvalidRequest(f"Mapping {mapping.name} makes entities of type {mapping.type}", field="type")
    return [mapping.type]


async def _secrets(request: Request, name: str, body: ConnectorBody, tenant: str) -> dict[str, str]:
    if body.secrets is not None:
        return dict(body.secrets)
    parts = request.app.state.parts
    try:
        return open_secrets(parts.seal, (await parts.connectors.find(tenant, name)).secret)
    except NotFound:
        return {}


@router.post("/{name}/run", summary="Run a connector now", status_code=202, responses={**_FOUND, 409: RESPONSES[409]})
async def run_connector(request: Request, principal: Caller, name: Name, tenant: NamedTenant) -> ConnectorInfo:
    """Let a connector run at once, also if its document has not changed; it tells the outcome when it is read again."""
    principal.require("provision", tenant)
    parts = request.app.state.parts
    if "push" in (await parts.connectors.find(tenant, name)).document:
        raise Conflict(f"Connector {name} fetches nothing: its documents are sent to it")
    await parts.connectors.ask_for(tenant, name, parts.clock())
    parts.connecting.kick()
    return _shown(request, await parts.connectors.find(tenant, name))


@router.delete("/{name}", summary="Delete a connector", status_code=204, responses=_FOUND)
async def delete_connector(request: Request, principal: Caller, name: Name, tenant: NamedTenant) -> Response:
    """Delete a connector with its secrets. Its entities and runs stay."""
    principal.require("provision", tenant)
    await request.app.state.parts.connectors.remove(tenant, name)
    return Response(status_code=204)


def _shown(request: Request, found: Connector) -> ConnectorInfo:
    state: dict[str, Any] = dict(found.state)
    document = ConnectorDocument.model_validate(dict(found.document))
    return ConnectorInfo(
        name=found.name,
        service_path=found.path,
        connector=document,
        secrets=sorted(document.names_of_secrets()),
        next_at=found.next_at,
        failures=found.failures,
        state=ConnectorState.model_validate(state),
    )
