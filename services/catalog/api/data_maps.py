"""The routes of data maps."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.catalog.api.requests import Responses, TheCatalogue, WrittenTenant
from services.catalog.datamap import sheets
from services.catalog.datamap.difference import View
from services.catalog.operations import data_maps as operation
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.data_maps import KeptMap
from services.kernel.app import Caller
from services.kernel.identity import Principal
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datamaps", tags=["Data map"])
TAG = {
    "name": "Data map",
    "description": "データマップ: who takes in, collects and gets which data",
}
_REFUSALS: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONTENT: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    _XLSX: {"schema": {"type": "string", "format": "binary"}},
    "text/html": {"schema": {"type": "string"}},
}
MapId = Annotated[str, Path(pattern=r"^(latest|[0-9]{1,18})$", description="Number of a map, or `latest`")]


class ReceiverView(BaseModel):
    """Who gets data."""

    name: str = Field(description="提供先サービス", examples=["一般公開（オープンデータ）"])
    frequency: str = Field(description="提供頻度", examples=["随時（変更時）"])
    method: str = Field(description="提供方式", examples=["NGSI-LD 通知 (HTTPS)"])


class OriginView(BaseModel):
    """Where data come from."""

    name: str = Field(description="Devices, connector or file", examples=["バス位置 gtfs.example.jp"])
    frequency: str = Field(description="How often", examples=["1分ごと"])
    method: str = Field(description="How", examples=["HTTP取得"])


class ServiceEntryView(BaseModel):
    """A service, in the template's columns."""

    key: str = Field(description="Identifier of the service", examples=["bus-navi"])
    name: str = Field(description="サービス名", examples=["バス運行情報"])
    provider: str = Field(description="Organisation that provides it")
    status: str = Field(description="Its status", examples=["active"])
    intake: list[str] = Field(description="取込データ")
    internal: list[str] = Field(description="取得データ(内部のみ)")
    external: list[str] = Field(description="取得データ(外部提供可能)")
    receivers: list[ReceiverView] = Field(description="Who gets the external ones")


class DatasetEntryView(BaseModel):
    """A data set, in the template's columns."""

    key: str = Field(description="Name of the data set", examples=["fukui-waterlevelobserved"])
    name: str = Field(description="データセット名")
    owner: str = Field(description="データ所管元: publisher and unit")
    place: str = Field(description="データの所在: the system that it lies in")
    receivers: list[ReceiverView] = Field(description="Who gets it")
    origins: list[OriginView] = Field(description="Where it comes from")


class DataMapView(BaseModel):
    """A data map."""

    id: int = Field(description="Its number", examples=[1])
    tenant: str = Field(description="Whose it is", examples=["fukui"])
    title: str = Field(description="What the tenant is called")
    made_at: datetime = Field(description="When it was drawn")
    made_by: str = Field(description="Who had it drawn; `schedule`: nobody")
    confirmed_at: datetime = Field(description="When it was last found to hold")
    services: list[ServiceEntryView] = Field(description="サービス側")
    datasets: list[DatasetEntryView] = Field(description="データアセット側")
    gaps: list[str] = Field(description="What could not be asked, with the reason")


class KeptMapView(BaseModel):
    """A data map in a list."""

    id: int = Field(description="Its number", examples=[1])
    made_at: datetime = Field(description="When it was drawn")
    made_by: str = Field(description="Who had it drawn; `schedule`: nobody")
    confirmed_at: datetime = Field(description="When it was last found to hold")
    services: int = Field(description="How many services it has")
    datasets: int = Field(description="How many data sets it has")


class AlteredView(BaseModel):
    """A member that is not what it was."""

    member: str = Field(examples=["receivers"])
    before: Any
    after: Any


class StepView(BaseModel):
    """An entry that is new, gone, or not what it was."""

    view: View
    key: str
    name: str
    kind: Literal["added", "removed", "changed"]
    altered: Sequence[AlteredView]


class DifferenceView(BaseModel):
    """What changed between two maps."""

    since: datetime = Field(description="When the earlier map was drawn")
    until: datetime = Field(description="When the later map was drawn")
    steps: list[StepView]


@router.post("", status_code=201, summary="Draw a data map from the running hub", responses=_REFUSALS)
async def draw_map(request: Request, catalogue: TheCatalogue, caller: Caller, tenant: WrittenTenant) -> DataMapView:
    """Ask auth, the context broker and ingest, draw both views, and keep the map.

    What cannot be asked stands in `gaps`. Needs `admin` in the tenant.
    """
    caller.require("admin", tenant)
    return _view(await operation.draw_map(catalogue, request.app.state.hub_clients, tenant, caller.subject))


@router.get("", summary="List data maps", responses=_REFUSALS)
async def list_maps(catalogue: TheCatalogue, caller: Caller, tenant: WrittenTenant) -> list[KeptMapView]:
    """Return the tenant's maps, the latest first. Needs `read` in the whole tenant."""
    caller.require("read", tenant)
    return [
        KeptMapView(
            id=each.map_id,
            made_at=each.made_at,
            made_by=each.made_by,
            confirmed_at=each.confirmed_at,
            services=len(each.content.services),
            datasets=len(each.content.datasets),
        )
        for each in await operation.list_maps(catalogue, tenant)
    ]


@router.get("/{map_id}", summary="Read a data map", responses=_REFUSALS)
async def read_map(catalogue: TheCatalogue, caller: Caller, tenant: WrittenTenant, map_id: MapId) -> DataMapView:
    """Return a map with both views. Needs `read` in the whole tenant."""
    return _view(await _found(catalogue, caller, tenant, map_id))


@dataclasses.dataclass(frozen=True)
class AskedFile:
    """Which map is wanted, in which form."""

    map_id: MapId
    form: Annotated[Literal["csv", "xlsx", "html"], Path(description="Form of the file")]
    view: Annotated[View, Query(description="Which view a CSV file has")] = View.DATASETS


@router.get(
    "/{map_id}/file.{form}",
    summary="Download a data map",
    responses={**_REFUSALS, 200: {"description": "The map", "content": _CONTENT}},
    response_class=Response,
)
async def download_map(
    catalogue: TheCatalogue, caller: Caller, tenant: WrittenTenant, asked: Annotated[AskedFile, Depends()]
) -> Response:
    """Return a map as CSV (one view), as a workbook or as a fragment of HTML (both views). Needs `read`."""
    kept = await _found(catalogue, caller, tenant, asked.map_id)
    if asked.form == "html":
        return Response(sheets.to_html(kept.content), media_type="text/html; charset=utf-8")
    file = sheets.sheet_of(kept.content, asked.form, asked.view)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.body, media_type=file.media_type, headers=headers)


@router.get("/{map_id}/difference", summary="Tell what changed since a day", responses=_REFUSALS)
async def read_difference(
    catalogue: TheCatalogue,
    caller: Caller,
    tenant: WrittenTenant,
    map_id: MapId,
    since: Annotated[date, Query(description="Day, in Japan, at whose end the earlier map counts")],
) -> DifferenceView:
    """Hold a map against the latest one that was drawn by the end of a day. Needs `read` in the whole tenant."""
    present = await _found(catalogue, caller, tenant, map_id)
    before, steps = await operation.changes_since(catalogue, tenant, present, since)
    shown = [StepView.model_validate(dataclasses.asdict(each)) for each in steps]
    return DifferenceView(since=before.made_at, until=present.made_at, steps=shown)


async def _found(catalogue: Catalogue, caller: Principal, tenant: str, map_id: str) -> KeptMap:
    caller.require("read", tenant)
    return await operation.find_map(catalogue, tenant, None if map_id == "latest" else int(map_id))


def _view(kept: KeptMap) -> DataMapView:
    document = {**kept.content.document, "made_at": kept.made_at, "confirmed_at": kept.confirmed_at}
    return DataMapView.model_validate({"id": kept.map_id, "made_by": kept.made_by, **document})
