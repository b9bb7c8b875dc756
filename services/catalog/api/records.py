"""The routes of OGC API - Records (OGC 20-004r1, Part 1: Core, searchable catalogue of records)."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import JSONResponse

from services.catalog.api.records_filter import QUERYABLES
from services.catalog.api.records_query import SORTABLES, Asked, form_of_answer
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue, known_parameters
from services.catalog.dcat.catalogue import Presentation
from services.catalog.dcat.record import CORE, record
from services.catalog.store.find import find, find_one
from services.catalog.store.session import reading, reading_within
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(
    prefix="/ogc", tags=["OGC API - Records"], dependencies=[Depends(form_of_answer), Depends(known_parameters)]
)
TAG = {"name": "OGC API - Records", "description": "The catalogue for geographic information systems"}
_CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    CORE,
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/records-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
]
_COLLECTION = "datasets"
_LONGEST_S = 10.0
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 404, 503)}
_FIND: Responses = {**_READ, 403: RESPONSES[403]}
_GEOJSON = "application/geo+json"
_SCHEMA = "application/schema+json"
_RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0"
Collection = Annotated[str, Path(description="`datasets`", examples=[_COLLECTION])]


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


@router.get("/collections/{collection}/queryables", summary="List what records can be asked for by", responses=_READ)
async def read_queryables(request: Request, collection: Collection) -> JSONResponse:
    """List the properties that filters compare, and parameters of the same name for equality, as JSON Schema."""
    _check(collection)
    return _schema(request, "queryables", QUERYABLES)


@router.get("/collections/{collection}/sortables", summary="List what records can be ordered by", responses=_READ)
async def read_sortables(request: Request, collection: Collection) -> JSONResponse:
    """List the properties that `sortby` takes, as JSON Schema."""
    _check(collection)
    times = {"created": {"format": "date-time"}, "updated": {"format": "date-time"}}
    return _schema(request, "sortables", {name: {"type": "string", **times.get(name, {})} for name in SORTABLES})


@router.get("/collections/{collection}/items", summary="Find records", responses=_FIND, openapi_extra=OPTIONAL_TOKEN)
async def list_records(
    request: Request,
    catalogue: TheCatalogue,
    audience: Reader,
    collection: Collection,
    asked: AskedRecords,
) -> JSONResponse:
    """Find records by place, time, words, type and filter; `next` leads on."""
    _check(collection)
    async with reading_within(catalogue.engine, _LONGEST_S) as connection:
        found = await find(connection, audience, asked.condition(catalogue.addresses), asked.part())
    address = _items(catalogue.addresses.catalog)
    features = [record(each, catalogue.addresses, f"{address}/{each.dataset_id}") for each in found.datasets]
    body = {
        "type": "FeatureCollection",
        "timeStamp": catalogue.clock().isoformat(),
        "numberMatched": found.total,
        "numberReturned": len(features),
        "features": features,
        "links": _paging(f"{address}?{_kept(request)}", asked, found.total),
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


def _schema(request: Request, name: str, properties: Mapping[str, Any]) -> JSONResponse:
    presentation: Presentation = request.app.state.presentation
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{presentation.addresses.catalog}/ogc/collections/{_COLLECTION}/{name}",
        "type": "object",
        "title": presentation.title_en,
        "properties": dict(properties),
        "additionalProperties": False,
    }
    return JSONResponse(document, media_type=_SCHEMA)


def _items(catalog: str) -> str:
    return f"{catalog}/ogc/collections/{_COLLECTION}/items"


def _collection(presentation: Presentation) -> dict[str, Any]:
    address = f"{presentation.addresses.catalog}/ogc/collections/{_COLLECTION}"
    return {
        "id": _COLLECTION,
        "title": presentation.title,
        "description": presentation.title_en,
        "itemType": "record",
        "defaultSortOrder": [{"field": "updated", "direction": "desc"}],
        "links": [
            _link("self", address),
            _link("items", f"{address}/items", _GEOJSON),
            _link(f"{_RELATIONS}/queryables", f"{address}/queryables", _SCHEMA),
            _link(f"{_RELATIONS}/sortables", f"{address}/sortables", _SCHEMA),
            _link("alternate", f"{presentation.addresses.catalogue}.ttl", "text/turtle"),
        ],
    }


def _paging(address: str, asked: Asked, total: int) -> list[dict[str, str]]:
    offsets = {"self": asked.offset}
    if asked.offset + asked.limit < total:
        offsets["next"] = asked.offset + asked.limit
    if asked.offset:
        offsets["prev"] = max(0, asked.offset - asked.limit)
    links = [_link(rel, f"{address}offset={offset}", _GEOJSON) for rel, offset in offsets.items()]
    return [*links, _link("collection", address.partition("/items?")[0])]


def _kept(request: Request) -> str:
    """Return what is asked, as a query string to which another offset is put."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "offset"]
    return f"{urlencode(kept)}&" if kept else ""


def _link(rel: str, href: str, media_type: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "type": media_type, "href": href}
