"""The routes of OGC API - Records (OGC 20-004r1, Part 1: Core, searchable catalogue of records)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import JSONResponse

from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue
from services.catalog.dcat.catalogue import Presentation
from services.catalog.dcat.record import CORE, record
from services.catalog.domain.dataset import Box, Kind
from services.catalog.domain.freshness import end_of, instant_of
from services.catalog.domain.query import AllOf, AnyOf, Condition, During, Field, Intersects, Is, Slice, Words
from services.catalog.store.find import find, find_one
from services.catalog.store.session import reading
from services.kernel.errors import InvalidRequest, NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/ogc", tags=["OGC API - Records"])
TAG = {"name": "OGC API - Records", "description": "The catalogue for geographic information systems"}
_CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    CORE,
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
]
_COLLECTION = "datasets"
_KINDS = {"dataset": (Kind.FILE, Kind.LIVE), "series": (Kind.SERIES,), "service": (Kind.SERVICE,)}
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 404, 503)}
_GEOJSON = "application/geo+json"
Collection = Annotated[str, Path(description="`datasets`", examples=[_COLLECTION])]


@dataclass(frozen=True)
class Asked:
    """Which records are asked for (clause 7.5, query parameters)."""

    bbox: Annotated[str | None, Query(description="West, south, east, north in degrees", max_length=200)] = None
    when: Annotated[
        str | None, Query(alias="datetime", description="An instant, or an interval with `..` for an open end")
    ] = None
    q: Annotated[str | None, Query(description="Words; alternatives are separated by commas", max_length=500)] = None
    kind: Annotated[
        str | None, Query(alias="type", description="`dataset`, `series`, `service`; several by commas")
    ] = None
    ids: Annotated[str | None, Query(description="Identifiers, separated by commas", max_length=4000)] = None
    limit: Annotated[int, Query(ge=1, le=1000, description="Most records in the answer")] = 10
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Records to leave out before")] = 0

    def condition(self) -> Condition:
        """Return what is asked for as a query. Raises InvalidRequest."""
        wanted: list[Condition] = []
        if self.bbox is not None:
            wanted.append(Intersects(_box(self.bbox)))
        if self.when is not None:
            wanted.append(During(*_interval(self.when)))
        if self.q is not None:
            terms = [term for term in self.q.split(",") if term.strip()]
            wanted.append(AnyOf(tuple(AllOf(tuple(Words(word) for word in term.split())) for term in terms)))
        if self.kind is not None:
            wanted.append(AnyOf(tuple(Is(Field.KIND, kind) for kind in _kinds(self.kind))))
        if self.ids is not None:
            wanted.append(AnyOf(tuple(Is(Field.IDENTIFIER, each.strip()) for each in self.ids.split(","))))
        return AllOf(tuple(wanted))


AskedRecords = Annotated[Asked, Depends()]


@router.get("", summary="Find what there is", responses=_READ)
async def read_landing(request: Request) -> dict[str, Any]:
    """Read the landing page: where the conformance, the collections and the documentation are."""
    presentation: Presentation = request.app.state.presentation
    base = f"{presentation.addresses.catalog}/ogc"
    return {
        "title": f"{presentation.title} / {presentation.title_en}",
        "links": [
            _link("self", base),
            _link("conformance", f"{base}/conformance"),
            _link("data", f"{base}/collections"),
            _link("service-desc", f"{presentation.addresses.catalog}/openapi.json", "application/vnd.oai.openapi+json"),
            _link("service-doc", f"{presentation.addresses.catalog}/docs", "text/html"),
        ],
    }


@router.get("/conformance", summary="List the classes of conformance")
async def read_conformance() -> dict[str, list[str]]:
    """List the classes of conformance."""
    return {"conformsTo": _CONFORMS}


@router.get("/collections", summary="List the collections")
async def list_collections(request: Request) -> dict[str, Any]:
    """List the collections: there is one, of all data sets that the caller sees."""
    presentation: Presentation = request.app.state.presentation
    address = f"{presentation.addresses.catalog}/ogc/collections"
    return {"links": [_link("self", address)], "collections": [_collection(presentation)]}


@router.get("/collections/{collection}", summary="Read a collection", responses=_READ)
async def read_collection(request: Request, collection: Collection) -> dict[str, Any]:
    """Read what a collection is."""
    _check(collection)
    return _collection(request.app.state.presentation)


@router.get("/collections/{collection}/items", summary="Find records", responses=_READ, openapi_extra=OPTIONAL_TOKEN)
async def list_records(
    catalogue: TheCatalogue, audience: Reader, collection: Collection, asked: AskedRecords
) -> JSONResponse:
    """Find records by place, time, words and type; `next` leads on."""
    _check(collection)
    async with reading(catalogue.engine) as connection:
        found = await find(connection, audience, asked.condition(), Slice(asked.limit, asked.offset))
    address = _items(catalogue.addresses.catalog)
    features = [record(each, catalogue.addresses, f"{address}/{each.dataset_id}") for each in found.datasets]
    body = {
        "type": "FeatureCollection",
        "timeStamp": catalogue.clock().isoformat(),
        "numberMatched": found.total,
        "numberReturned": len(features),
        "features": features,
        "links": _paging(address, asked, found.total),
    }
    return JSONResponse(body, media_type=_GEOJSON)


@router.get(
    "/collections/{collection}/items/{identifier}",
    summary="Read a record",
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_record(
    catalogue: TheCatalogue,
    audience: Reader,
    collection: Collection,
    identifier: Annotated[uuid.UUID, Path(description="Identifier of the data set")],
) -> JSONResponse:
    """Read one record."""
    _check(collection)
    async with reading(catalogue.engine) as connection:
        found = await find_one(connection, audience, str(identifier))
    if found is None:
        raise NotFound(f"Record {identifier} does not exist")
    address = f"{_items(catalogue.addresses.catalog)}/{identifier}"
    return JSONResponse(record(found, catalogue.addresses, address), media_type=_GEOJSON)


def _check(collection: str) -> None:
    if collection != _COLLECTION:
        raise NotFound(f"Collection {collection} does not exist")


def _items(catalog: str) -> str:
    return f"{catalog}/ogc/collections/{_COLLECTION}/items"


def _collection(presentation: Presentation) -> dict[str, Any]:
    address = f"{presentation.addresses.catalog}/ogc/collections/{_COLLECTION}"
    return {
        "id": _COLLECTION,
        "title": presentation.title,
        "description": presentation.title_en,
        "itemType": "record",
        "links": [
            _link("self", address),
            _link("items", f"{address}/items", _GEOJSON),
            _link("alternate", f"{presentation.addresses.catalogue}.ttl", "text/turtle"),
        ],
    }


def _paging(address: str, asked: Asked, total: int) -> list[dict[str, str]]:
    named = {"bbox": asked.bbox, "datetime": asked.when, "q": asked.q, "type": asked.kind, "ids": asked.ids}
    kept = {name: value for name, value in named.items() if value is not None}

    def at(offset: int) -> str:
        return f"{address}?{urlencode({**kept, 'limit': asked.limit, 'offset': offset})}"

    links = [_link("self", at(asked.offset), _GEOJSON)]
    if asked.offset + asked.limit < total:
        links.append(_link("next", at(asked.offset + asked.limit), _GEOJSON))
    if asked.offset:
        links.append(_link("prev", at(max(0, asked.offset - asked.limit)), _GEOJSON))
    return links


def _link(rel: str, href: str, media_type: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "type": media_type, "href": href}


def _box(text: str) -> Box:
    """Read a box of four numbers, or of six with heights, which are left out. Raises InvalidRequest."""
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    is_right = len(numbers) == 4 and all(abs(each) <= 360 for each in numbers) and numbers[1] <= numbers[3]
    if not is_right:
        raise InvalidRequest("bbox must be west,south,east,north in degrees", field="bbox")
    return (numbers[0], numbers[1], numbers[2], numbers[3])


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Read an instant or an interval (RFC 3339; `..` or nothing: open). Raises InvalidRequest."""
    start, slash, end = text.partition("/")
    ends = (start, end) if slash else (start, start)
    found = [None if each in ("", "..") else read(each) for each, read in zip(ends, (instant_of, end_of), strict=True)]
    is_wrong = any(each not in ("", "..") and value is None for each, value in zip(ends, found, strict=True))
    if is_wrong or (not slash and start in ("", "..")):
        raise InvalidRequest("datetime must be an instant, or an interval as 2024-01-01/..", field="datetime")
    return found[0], found[1]


def _kinds(text: str) -> list[Kind]:
    """Return the kinds that types mean; an unknown type means none."""
    return [kind for each in text.split(",") for kind in _KINDS.get(each.strip(), ())]
