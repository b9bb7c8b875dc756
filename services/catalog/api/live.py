"""The routes of live data sets: what is known of their entities, and all of them as files."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue, known_parameters
from services.catalog.domain.live_statistics import LiveAttribute
from services.catalog.downloads.csv_heading import with_headings
from services.catalog.downloads.export import Exports, Wanted
from services.catalog.downloads.parquet import parquet
from services.catalog.operations.live_file import LiveFile, find_live
from services.kernel.clock import to_iso
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datasets", tags=["Live data"])
TAG = {"name": "Live data", "description": "Entity types of the context broker: what is known of them, and as files"}
Form = Literal["csv", "geojson", "parquet", "ndjson", "jsonld", "json"]
Language = Literal["name", "ja", "en"]
MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "ndjson": "application/x-ndjson",
    "jsonld": "application/ld+json",
    "json": "application/json",
}
_EXPORTED = {"parquet": "ndjson", "jsonld": "ngsi-ld", "json": "ngsi-v2"}
"""What the context broker is asked for, where that is called otherwise."""
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: Responses = {
    200: {"description": "The file", "content": {kind.partition(";")[0]: _BINARY for kind in MEDIA_TYPES.values()}},
    **{status: RESPONSES[status] for status in (400, 401, 403, 404, 503)},
}
Reference = Annotated[str, Path(description="Identifier or name of a live data set", max_length=200)]


class LiveAttributeView(BaseModel):
    """An attribute that entities of the type have."""

    id: str = Field(description="IRI of the attribute")
    name: str = Field(description="Its short name", examples=["waterLevel"])
    entity_count: int = Field(description="How many entities have it", examples=[103])
    share: float = Field(description="Which part of the entities has it, 0 to 1", examples=[1.0])
    kinds: Sequence[str] = Field(description="Its NGSI-LD kinds", examples=[["Property"]])
    values: Sequence[str] = Field(description="Forms of the values that were seen", examples=[["number"]])
    units: Sequence[str] = Field(description="Unit codes that were seen (UN/CEFACT)", examples=[["MTR"]])
    types: Sequence[str] = Field(description="NGSIv2 types that were seen", examples=[["Number"]])
    languages: Sequence[str] = Field(description="Languages that were seen")
    is_observed: bool = Field(description="Whether values say when they were observed")


class ObservedView(BaseModel):
    """What is known of the entities of a live data set."""

    entity_type: str = Field(description="IRI of the type")
    type_name: str = Field(description="Its short name", examples=["WaterLevelObserved"])
    entity_count: int = Field(description="How many entities there are", examples=[103])
    changed_at: datetime | None = Field(description="When an entity last changed")
    box: Sequence[float] | None = Field(description="West, south, east, north of where they lie, in degrees")
    attributes: list[LiveAttributeView] = Field(description="What they have")


@dataclasses.dataclass(frozen=True)
class Shape:
    """Which file, and how it is written."""

    reference: Reference
    form: Annotated[Form, Path(description="Form of the file")]
    labels: Annotated[Language, Query(description="Headings of CSV: attributes' names, or words in a language")] = (
        "name"
    )
    bom: Annotated[bool, Query(description="Whether CSV begins with a byte order mark, which Excel needs")] = False
    attrs: Annotated[str | None, Query(description="Only these attributes, by commas", max_length=5000)] = None


@router.get(
    "/{reference}/observed",
    summary="Read what is known of a live data set's entities",
    response_model=ObservedView,
    responses={status: RESPONSES[status] for status in (400, 401, 404, 503)},
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_observed(catalogue: TheCatalogue, audience: Reader, reference: Reference) -> ObservedView:
    """Read schema, counts, place and last change, a few seconds old at most."""
    found = await find_live(catalogue, audience, reference)
    known = found.statistics
    return ObservedView(
        entity_type=found.live.entity_type,
        type_name=found.live.type_name,
        entity_count=known.count,
        changed_at=known.changed_at,
        box=known.box,
        attributes=[_attribute_view(each, known.count) for each in known.attributes],
    )


@router.get(
    "/{reference}/download.{form}",
    summary="Download all entities of a live data set",
    responses=_FILE,
    response_class=StreamingResponse,
    openapi_extra=OPTIONAL_TOKEN,
    dependencies=[Depends(known_parameters)],
)
async def download_live(
    request: Request,
    catalogue: TheCatalogue,
    audience: Reader,
    shape: Annotated[Shape, Depends()],
) -> StreamingResponse:
    """Stream the present state, as far as the caller may read it.

    As a table (CSV, Parquet, JSON lines), as GeoJSON, or whole as NGSI-LD (`jsonld`) and NGSIv2 (`json`) show it. The
    context broker decides by the caller's own token, or without one by what the tenant opens to all. Tables have a
    column for each attribute; points are columns of latitude and longitude.
    """
    form = shape.form
    found = await find_live(catalogue, audience, shape.reference)
    parameters = {"type": found.live.entity_type, "format": _EXPORTED.get(form, form)}
    if shape.attrs:
        parameters["attrs"] = shape.attrs
    wanted = _wanted(request, found, "/export/entities", parameters)

    def written(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        match form:
            case "csv":
                return with_headings(parts, shape.labels, found.units, mark=shape.bom)
            case "parquet":
                return parquet(parts, found.statistics.attributes)
            case _:
                return parts

    return await _streamed(request, wanted, written, (found.dataset.name, form))


@dataclasses.dataclass(frozen=True)
class Period:
    """Which data set's history, of which time."""

    reference: Reference
    since: Annotated[datetime | None, Query(alias="from", description="First instant")] = None
    until: Annotated[datetime | None, Query(alias="to", description="Instant before which it ends")] = None
    timeproperty: Annotated[
        Literal["recordedAt", "observedAt"], Query(description="Whether instants are of recording or of observation")
    ] = "recordedAt"
    labels: Annotated[Language, Query(description="Headings: as they are called, or words in a language")] = "name"
    bom: Annotated[bool, Query(description="Whether the file begins with a byte order mark")] = False
    attrs: Annotated[str | None, Query(description="Only these attributes, by commas", max_length=5000)] = None
    entity: Annotated[str | None, Query(alias="id", description="Only the entity with this id", max_length=2000)] = None

    def parameters(self, entity_type: str) -> dict[str, str]:
        """Return what the context broker is asked."""
        instants = {"from": self.since, "to": self.until}
        given = {name: _instant(each) for name, each in instants.items() if each is not None}
        if self.attrs:
            given["attrs"] = self.attrs
        if self.entity:
            given["id"] = self.entity
        return {"type": entity_type, "timeproperty": self.timeproperty, **given}


@router.get(
    "/{reference}/history.csv",
    summary="Download the history of a live data set",
    responses=_FILE,
    response_class=StreamingResponse,
    openapi_extra=OPTIONAL_TOKEN,
    dependencies=[Depends(known_parameters)],
)
async def download_history(
    request: Request, catalogue: TheCatalogue, audience: Reader, period: Annotated[Period, Depends()]
) -> StreamingResponse:
    """Stream what was recorded of the living entities as CSV: one row for each value, as far as the caller may read.

    Columns: id, type, attribute, value, unitCode, observedAt, recordedAt, change (created, updated, deleted).
    """
    found = await find_live(catalogue, audience, period.reference)
    wanted = _wanted(request, found, "/export/history", period.parameters(found.live.entity_type))

    def written(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return with_headings(parts, period.labels, {}, mark=period.bom)

    return await _streamed(request, wanted, written, (f"{found.dataset.name}-history", "csv"))


def _instant(moment: datetime) -> str:
    return to_iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _wanted(request: Request, found: LiveFile, path: str, parameters: dict[str, str]) -> Wanted:
    authorization, purpose = request.headers.get("authorization"), request.headers.get("hiroba-purpose", "")
    return Wanted(found.dataset.publisher.name, authorization, path, parameters, purpose)


async def _streamed(request: Request, wanted: Wanted, written: Any, file: tuple[str, str]) -> StreamingResponse:
    """Answer with a file once the broker has begun to send; what it refuses is refused here alike."""
    exports: Exports = request.app.state.exports
    body = written(await exports.begun(wanted))
    name, form = file
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Vary": "Authorization"}
    return StreamingResponse(body, media_type=MEDIA_TYPES[form], headers=headers)


def _attribute_view(attribute: LiveAttribute, entities: int) -> LiveAttributeView:
    members = dataclasses.asdict(attribute)
    count = members.pop("count")
    share = round(min(count / entities, 1.0), 4) if entities else 0.0
    return LiveAttributeView(entity_count=count, share=share, **members)
