"""`datastore_search` and `datastore_info`: rows of uploaded tables, and entities of live types as rows."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.parameters import DatastoreSearch, ThingReference
from services.catalog.ckan.resources import owner_of_resource
from services.catalog.ckan.site import Visit
from services.catalog.domain.dataset import Dataset
from services.catalog.downloads.export import Wanted as Wish
from services.catalog.harvest.ckan_package import identifier_of
from services.catalog.operations.tables import Wanted, read_table
from services.kernel.errors import InvalidRequest, NotFound, Unprocessable

_TYPES = {"integer": "int", "number": "numeric", "boolean": "bool", "date": "date", "datetime": "timestamp"}
_MOST_LIVE = 1000


@dataclass(frozen=True, slots=True)
class _Rows:
    """A page of a table: columns with their types, rows, how many there are in all, and whether that is exact."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Mapping[str, Any]]
    total: int
    is_exact: bool = True


async def datastore_search(visit: Visit, parameters: DatastoreSearch) -> dict[str, Any]:
    """Return rows of a resource: of an uploaded table, or the present entities of a live data set."""
    owner = await owner_of_resource(visit, parameters.resource_id)
    read = _live if owner.live and not _is_stored(owner, parameters.resource_id) else _uploaded
    found = await read(visit, owner, parameters)
    names = [name for name, _ in found.columns]
    unknown = [name for name in parameters.fields if name not in names]
    if unknown:
        raise ParameterError({"fields": [f"field '{unknown[0]}' does not exist"]})
    shown = parameters.fields or names
    return {
        "resource_id": parameters.resource_id,
        "fields": [{"id": name, "type": kind} for name, kind in found.columns if name in shown],
        "records": _records(found.rows, shown, parameters.records_format),
        "records_format": parameters.records_format,
        "include_total": parameters.include_total,
        "limit": parameters.limit,
        "offset": parameters.offset,
        "_links": _links(parameters),
        **({"total": found.total, "total_was_estimated": not found.is_exact} if parameters.include_total else {}),
    }


async def datastore_info(visit: Visit, parameters: ThingReference) -> dict[str, Any]:
    """Return which columns a resource's table has and how many rows."""
    asked = DatastoreSearch(resource_id=parameters.id, limit=0)
    owner = await owner_of_resource(visit, parameters.id)
    read = _live if owner.live and not _is_stored(owner, parameters.id) else _uploaded
    found = await read(visit, owner, asked)
    fields = [{"id": name, "type": kind} for name, kind in found.columns]
    return {"meta": {"id": parameters.id, "count": found.total, "table_type": "BASE TABLE"}, "fields": fields}


async def _uploaded(visit: Visit, owner: Dataset, asked: DatastoreSearch) -> _Rows:
    identifier = identifier_of(asked.resource_id)
    assert identifier is not None
    wanted = Wanted(
        {name: [str(each) for each in _several(value)] for name, value in asked.filters.items() if name != "_id"},
        tuple((asked.q or "").split()),
        _sort(asked.sort),
        max(asked.limit, 1),
        asked.offset,
    )
    try:
        page = await read_table(visit.site.catalogue, visit.audience.with_hidden(), identifier, wanted)
    except InvalidRequest as error:
        raise ParameterError({error.field or "filters": [error.detail]}) from error
    except (NotFound, Unprocessable) as error:
        raise NotFound(f"Resource {asked.resource_id} has no table: {error.detail}") from error
    columns = (
        ("_id", "int"),
        *((name, _TYPES.get(kind, "text")) for name, kind in zip(page.columns, page.types, strict=True)),
    )
    rows = [
        {"_id": number, **dict(zip(page.columns, row, strict=True))}
        for number, row in zip(page.numbers, page.rows, strict=True)
    ]
    return _Rows(columns, rows[: asked.limit], page.total)


async def _live(visit: Visit, owner: Dataset, asked: DatastoreSearch) -> _Rows:
    """Ask the context broker in the caller's name; the total is the statistics', which lag by seconds."""
    live, exports = owner.live, visit.site.exports
    if live is None or exports is None:
        raise NotFound(f"Resource {asked.resource_id} has no table")
    if asked.q or asked.sort:
        raise ParameterError({"q" if asked.q else "sort": ["live entities take filters, limit and offset"]})
    columns = (("_id", "int"), ("id", "text"), ("type", "text"), *((name, "json") for name in live.attributes))
    if not asked.limit:
        return _Rows(columns, [], live.entity_count, is_exact=False)
    parameters = {
        "type": live.type_name,
        "options": "keyValues",
        "limit": str(min(asked.limit, _MOST_LIVE)),
        "offset": str(asked.offset),
    }
    if asked.filters:
        parameters["q"] = ";".join(_equals(name, value, live.attributes) for name, value in asked.filters.items())
    wish = Wish(owner.publisher.name, visit.authorization, "/ngsi-ld/v1/entities", parameters)
    async with exports.opened(wish) as parts:
        body = b"".join([part async for part in parts])
    rows = [
        {"_id": asked.offset + place, **{name: entity.get(name) for name, _ in columns[1:]}}
        for place, entity in enumerate(orjson.loads(body), start=1)
    ]
    is_whole = not asked.filters
    return _Rows(columns, rows, live.entity_count if is_whole else len(rows), is_exact=False)


def _equals(name: str, value: object, attributes: Sequence[str]) -> str:
    if name not in attributes or not name.isidentifier():
        raise ParameterError({"filters": [f"field '{name}' does not exist"]})
    written = [_literal(each) for each in _several(value)]
    return f"{name}=={','.join(written)}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value}"
    if not isinstance(value, str) or '"' in value or "\\" in value:
        raise ParameterError({"filters": ["a value must be a text without quotation marks, a number or a truth value"]})
    return f'"{value}"'


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _sort(text: str) -> tuple[tuple[str, bool], ...]:
    """Read `column asc|desc, …`; a column's name may stand in quotation marks."""
    keys = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, direction = part.rpartition(" ")
        if direction.lower() not in ("asc", "desc"):
            name, direction = part, "asc"
        keys.append((name.strip().strip('"'), direction.lower() == "desc"))
    return tuple(keys)


def _records(rows: Sequence[Mapping[str, Any]], shown: Sequence[str], form: str) -> Any:
    if form == "objects":
        return [{name: row[name] for name in shown} for row in rows]
    listed = [[row[name] for name in shown] for row in rows]
    if form == "lists":
        return listed
    written = io.StringIO()
    csv.writer(written, delimiter="\t" if form == "tsv" else ",", lineterminator="\n").writerows(listed)
    return written.getvalue()


def _links(asked: DatastoreSearch) -> dict[str, str]:
    base = "/api/3/action/datastore_search"
    about = {"resource_id": asked.resource_id, "limit": asked.limit}
    following = {**about, "offset": asked.offset + asked.limit}
    return {"start": f"{base}?{urlencode(about)}", "next": f"{base}?{urlencode(following)}"}


def _is_stored(owner: Dataset, identifier: str) -> bool:
    return any(str(each.distribution_id) == identifier for each in owner.content.distributions)
