"""`datastore_search` and `datastore_info`: rows of uploaded tables, and entities of live types as rows."""

from typing import Any
from urllib.parse import urlencode

import orjson

from services.catalog.ckan.live_rows import read_live
from services.catalog.ckan.parameters import DatastoreReference, DatastoreSearch
from services.catalog.ckan.records import records
from services.catalog.ckan.resources import owner_of_resource
from services.catalog.ckan.row_request import Rows, chosen_columns, request_of
from services.catalog.ckan.site import Visit
from services.catalog.ckan.table_rows import read_uploaded
from services.catalog.domain.dataset import Dataset
from services.catalog.harvest.ckan_package import identifier_of

_SEARCH = "/api/3/action/datastore_search"


async def datastore_search(visit: Visit, parameters: DatastoreSearch) -> dict[str, Any]:
    """Return rows of a resource: of an uploaded table, or the present entities of a live data set."""
    found = await _read(visit, parameters)
    columns = chosen_columns(parameters, found.columns)
    names = [name for name, _ in columns]
    asked = {
        name: getattr(parameters, name) for name in ("filters", "q", "sort", "distinct") if getattr(parameters, name)
    }
    return {
        "resource_id": parameters.resource_id,
        "fields": [{"id": name, "type": kind} for name, kind in columns],
        "records": records(found.rows, names, parameters.records_format),
        "records_format": parameters.records_format,
        "include_total": parameters.include_total,
        "limit": parameters.limit,
        "offset": parameters.offset,
        **asked,
        "_links": _links(parameters),
        **({"total": found.total, "total_was_estimated": not found.is_exact} if parameters.include_total else {}),
    }


async def datastore_info(visit: Visit, parameters: DatastoreReference) -> dict[str, Any]:
    """Return which columns a resource's table has and how many rows."""
    asked = DatastoreSearch(resource_id=parameters.resource_id, limit=0, include_total=parameters.include_meta)
    found = await _read(visit, asked)
    meta = {"id": parameters.resource_id, "count": found.total, "table_type": "BASE TABLE", "aliases": []}
    fields = [
        {"id": name, "type": kind, **({"schema": _schema(kind)} if parameters.include_fields_schema else {})}
        for name, kind in found.columns
    ]
    return {**({"meta": meta} if parameters.include_meta else {}), "fields": fields}


async def _read(visit: Visit, parameters: DatastoreSearch) -> Rows:
    owner = await owner_of_resource(visit, parameters.resource_id)
    asked = request_of(parameters)
    if owner.live and not _is_stored(owner, parameters.resource_id):
        return await read_live(visit, owner, asked)
    identifier = identifier_of(parameters.resource_id)
    assert identifier is not None
    return await read_uploaded(visit, identifier, asked)


def _schema(native_type: str) -> dict[str, Any]:
    return {"native_type": native_type, "index_name": None, "is_index": False, "notnull": False, "uniquekey": False}


def _links(asked: DatastoreSearch) -> dict[str, str]:
    """Return where the first, the next and the previous page are."""
    given = asked.model_dump(mode="json", exclude_defaults=True, exclude={"offset"})
    about = {name: _parameter(value) for name, value in {**given, "limit": asked.limit}.items()}
    starts = {"start": 0, "next": asked.offset + asked.limit}
    if asked.offset:
        starts["prev"] = max(0, asked.offset - asked.limit)
    return {
        name: f"{_SEARCH}?{urlencode({**about, 'offset': offset} if offset else about)}"
        for name, offset in starts.items()
    }


def _parameter(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _is_stored(owner: Dataset, identifier: str) -> bool:
    return any(str(each.distribution_id) == identifier for each in owner.content.distributions)
