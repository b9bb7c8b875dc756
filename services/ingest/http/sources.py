"""`/sources`: where a tenant's entities come from, as far as ingest brings them."""

from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from services.ingest.connectors.connector import ConnectorDocument, Schedule
from services.ingest.http.imports import ERRORS
from services.ingest.http.parameters import NamedTenant
from services.ingest.store.connectors import Connector
from services.kernel.app import Caller
from services.kernel.errors import NotFound
from services.kernel.paging import Page

router = APIRouter(tags=["Imports"])
_MOST = Page(limit=1000, offset=0)


class Source(BaseModel):
    """Devices of one kind, a connector, or files that are sent by hand."""

    kind: Literal["devices", "connector", "push", "files"] = Field(description="What it is")
    service_path: str = Field(description="Where its entities are written to", examples=["/bus"])
    types: list[str] = Field(description="Types of its entities", examples=[["VehiclePosition"]])
    name: str = Field("", description="Name of the connector, or of the last file", examples=["bus-positions"])
    title: str = Field("", description="What the connector is, in the words of who made it")
    host: str = Field("", description="Server that the connector fetches from", examples=["gtfs.example.jp"])
    feed: str = Field("", description="Feed that the documents are of")
    transport: str = Field("", description="How the devices send, where it is provisioned", examples=["MQTT"])
    count: int | None = Field(None, description="How many devices")
    schedule: Schedule | None = Field(None, description="When the connector fetches")
    is_active: bool = Field(True, description="Whether the connector runs")


@router.get("/sources", summary="List where entities come from", responses=ERRORS)
async def list_sources(request: Request, principal: Caller, tenant: NamedTenant) -> list[Source]:
    """List a tenant's devices by type, its connectors without addresses and secrets, and files sent by hand.

    Needs `read` in the whole tenant.
    """
    principal.require("read", tenant)
    parts = request.app.state.parts
    if await parts.tenants.find_any(tenant) is None:
        return []
    _, connectors = await parts.connectors.list(tenant, _MOST)
    return [
        *[
            Source(
                kind="devices",
                service_path=row["path"],
                types=[row["type"]],
                transport=row["transport"],
                count=row["count"],
            )
            for row in await parts.sources.devices(tenant)
        ],
        *[await _connector(parts, each) for each in connectors],
        *[_file(row) for row in await parts.sources.files(tenant)],
    ]


async def _connector(parts: Any, found: Connector) -> Source:
    document = ConnectorDocument.model_validate(dict(found.document))
    return Source(
        kind="push" if document.push else "connector",
        service_path=found.path,
        types=await _types(parts, document, found.tenant),
        name=found.name,
        title=document.description,
        host=urlsplit(document.url or "").hostname or "",
        feed=document.feed or "",
        schedule=document.schedule,
        is_active=found.is_active,
    )


async def _types(parts: Any, document: ConnectorDocument, tenant: str) -> list[str]:
    """Return the types that a connector's document becomes; none where its feed or mapping is gone."""
    try:
        if document.feed is not None:
            return list(parts.feeds.named(document.feed).types)
        if document.mapping is None:
            return [str(document.type)]
        return [(await parts.importing.shelf(tenant)).named(document.mapping).type]
    except NotFound:
        return []


def _file(row: RowMapping) -> Source:
    return Source(
        kind="files",
        service_path=row["path"],
        types=row["type"].split(", "),
        name=row["name"] or "",
        feed=row["feed"] or "",
    )
