"""The present entities of a live data set as rows for `datastore_search`: the context broker is asked for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.live_query import MEMBERS, parameters_of
from services.catalog.ckan.row_request import ROW_ID, Column, RowRequest, Rows
from services.catalog.ckan.site import Visit
from services.catalog.domain.dataset import Dataset, Live
from services.catalog.domain.live_statistics import LiveStatistics
from services.catalog.downloads.export import Exports, Wanted
from services.catalog.store.live_statistics import statistics_of
from services.catalog.store.session import reading
from services.kernel.errors import InvalidRequest, NotFound, TooComplex

MOST_COUNTED = 100_000
"""Whole types with more entities are told as the statistics have them, which lag by seconds."""
_MOST_DISTINCT = 10_000
_PAGE = 1000
_TYPES = {"string": "text", "uri": "text", "number": "numeric", "integer": "numeric", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class _Entities:
    """The entities of a live data set, asked for in the caller's name."""

    exports: Exports
    owner: Dataset
    live: Live
    authorization: str | None

    async def page(self, query: Mapping[str, str], limit: int, offset: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return some entities, and how many meet the query where that is asked for. Raises ParameterError."""
        parameters = {"type": self.live.type_name, "options": "keyValues", **query}
        paging = {"limit": str(limit), "offset": str(offset)}
        wanted = Wanted(self.owner.publisher.name, self.authorization, "/ngsi-ld/v1/entities", {**parameters, **paging})
        try:
            content, count = await self.exports.page(wanted)
        except (InvalidRequest, TooComplex) as error:
            raise ParameterError({"filters": [error.detail]}) from error
        found: list[dict[str, Any]] = orjson.loads(content)
        return found, count


async def read_live(visit: Visit, owner: Dataset, asked: RowRequest) -> Rows:
    """Return entities as rows; `_id` is the place in the answer. Raises ParameterError, NotFound."""
    live, exports = owner.live, visit.site.exports
    if live is None or exports is None:
        raise NotFound(f"Package {owner.name} has no entities")
    async with reading(visit.site.catalogue.engine) as connection:
        types = attribute_types(live, await statistics_of(connection, owner.dataset_id))
    columns = ((ROW_ID, "int"), *((name, "text") for name in MEMBERS), *types.items())
    entities = _Entities(exports, owner, live, visit.authorization)
    query = parameters_of(asked, types)
    if set(map(str, asked.equal.get("type", (live.type_name,)))).isdisjoint({live.type_name}):
        return Rows(columns, [], 0)
    if asked.distinct:
        return await _distinct(entities, query, asked, columns)
    counted = asked.is_counted and (not asked.is_whole or live.entity_count <= MOST_COUNTED)
    if not asked.limit and not counted:
        return Rows(columns, [], live.entity_count, is_exact=False)
    limit = min(asked.limit, _PAGE)
    found, count = await entities.page({**query, **({"count": "true"} if counted else {})}, limit, asked.offset)
    rows = [{ROW_ID: asked.offset + place, **_row(entity, columns)} for place, entity in enumerate(found, start=1)]
    return Rows(columns, rows, live.entity_count if count is None else count, is_exact=count is not None)


def attribute_types(live: Live, statistics: LiveStatistics | None) -> dict[str, str]:
    """Return a live type's attributes with their types in CKAN's words: `json` where values are of several forms."""
    attributes = () if statistics is None else statistics.attributes
    forms = {each.name: {_TYPES.get(form, "json") for form in each.values} for each in attributes}
    return {name: forms[name].pop() if len(forms.get(name, ())) == 1 else "json" for name in live.attributes}


async def _distinct(
    entities: _Entities, query: Mapping[str, str], asked: RowRequest, columns: tuple[Column, ...]
) -> Rows:
    """Read all entities and keep one of those that are alike; of too many is refused, since the broker cannot."""
    found: list[dict[str, Any]] = []
    part, count = await entities.page({**query, "count": "true"}, _PAGE, 0)
    while part:
        if (count or 0) > _MOST_DISTINCT:
            raise ParameterError({"distinct": [f"takes at most {_MOST_DISTINCT} entities, there are {count}: filter"]})
        found += part
        part, _ = await entities.page(query, _PAGE, len(found)) if len(part) == _PAGE else ([], None)
    chosen = tuple(each for each in columns if each[0] in asked.distinct)
    kept = {orjson.dumps([entity.get(name) for name, _ in chosen]): _row(entity, chosen) for entity in reversed(found)}
    rows = list(reversed(kept.values()))
    return Rows(chosen, rows[asked.offset : asked.offset + asked.limit], len(rows))


def _row(entity: Mapping[str, Any], columns: Iterable[Column]) -> dict[str, Any]:
    return {name: entity.get(name) for name, _ in columns if name != ROW_ID}
