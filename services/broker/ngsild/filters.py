"""What a query asks for, from query parameters or a Query body, as an `EntityQuery` (5.7.2, 4.9, 4.10, 4.17, 4.19)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.broker.domain.names import LOCATION, Context
from services.broker.domain.selection import ScopeExpression
from services.broker.ngsild.input_values import GEOMETRIES, check_name, read_uri
from services.broker.query.entity_query import EntityQuery, EntitySelector, Order
from services.broker.query.parse_geo import parse_ld_geo
from services.broker.query.parse_order import LdOrdering, parse_ld_order
from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.parse_scope import parse_scope
from services.broker.query.parse_type import parse_type
from services.broker.query.pattern import read_pattern
from services.broker.query.reach import names_data
from services.broker.query.tree import Filter, GeoFilter
from services.kernel.errors import BadData
from services.kernel.paging import Page

_NARROWING: Final = ("type", "georel")
_SYSTEM: Final = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})
_GEO: Final = ("georel", "geometry", "coordinates", "geoproperty")


class TooWide(BadData):
    """The query must say at least one of type, attrs, q, georel or local=true"""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The members of a query as text, whether they came as parameters or in a body."""

    texts: Mapping[str, str]
    selectors: tuple[EntitySelector, ...] = ()
    is_local: bool = False

    def get(self, name: str) -> str | None:
        """Return a member's text, or None."""
        return self.texts.get(name)

    def words(self, name: str) -> list[str]:
        """Return the comma-separated words of a member."""
        text = self.texts.get(name)
        return [word.strip() for word in text.split(",") if word.strip()] if text else []


def words_of_parameters(pairs: list[tuple[str, str]], context: Context) -> QueryWords:
    """Read what query parameters select. Raises BadData."""
    texts = dict(pairs)
    words = QueryWords(texts, is_local=texts.get("local") == "true")
    selector = EntitySelector(
        ids=tuple(read_uri(each, "id") for each in words.words("id")),
        id_pattern=_read_pattern(texts.get("idPattern")),
        types=parse_type(texts["type"], context.expand) if texts.get("type") not in (None, "*") else None,
    )
    return replace(words, selectors=() if selector == EntitySelector() else (selector,))


def words_of_body(document: Mapping[str, Any], context: Context) -> QueryWords:
    """Read what a Query body selects (5.2.23). Raises BadData."""
    if document.get("type") != "Query":
        raise BadData("type must be Query", field="type")
    texts: dict[str, str] = {}
    for name in ("q", "scopeQ", "csf", "lang", "expandValues", "jsonKeys", "collation"):
        if name in document:
            texts[name] = _text(document[name], name)
    for name in ("attrs", "pick", "omit", "datasetId", "orderBy"):
        if name in document:
            texts[name] = _joined(document[name], name)
    for name in ("temporalQ", "aggrParams"):
        if name in document:
            raise BadData(f"{name} goes with queries of the temporal evolution", field=name)
    texts.update(_ordering_texts(document.get("ordering")))
    texts.update(_join_texts(document))
    texts.update(_geo_texts(document.get("geoQ")))
    selectors = read_selectors(document.get("entities"), context)
    return QueryWords(texts, selectors, is_local=document.get("local") is True)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadData(f"{where} must be a text", field=where)
    return value


def _joined(value: Any, where: str) -> str:
    parts = value if isinstance(value, list) else [value]
    if not parts:
        raise BadData(f"{where} must not be empty", field=where)
    return ",".join(_text(part, where) for part in parts)


def _ordering_texts(ordering: Any) -> dict[str, str]:
    """Read ordering parameters (5.2.43)."""
    if ordering is None:
        return {}
    if not isinstance(ordering, dict) or "orderBy" not in ordering:
        raise BadData("ordering must be an object with orderBy", field="ordering.orderBy")
    texts = {"orderBy": _joined(ordering["orderBy"], "ordering.orderBy")}
    for name, parameter in (("collation", "collation"), ("geometry", "orderGeometry")):
        if name in ordering:
            texts[parameter] = _text(ordering[name], f"ordering.{name}")
    if "coordinates" in ordering:
        if not isinstance(ordering["coordinates"], list):
            raise BadData("ordering.coordinates must be an array", field="ordering.coordinates")
        texts["orderFrom"] = json.dumps(ordering["coordinates"])
    return texts


def _join_texts(document: Mapping[str, Any]) -> dict[str, str]:
    texts = {}
    if "join" in document:
        texts["join"] = _text(document["join"], "join")
    if "joinLevel" in document:
        level = document["joinLevel"]
        if isinstance(level, bool) or not isinstance(level, int):
            raise BadData("joinLevel must be a whole number above 0", field="joinLevel")
        texts["joinLevel"] = str(level)
    if "containedBy" in document:
        texts["containedBy"] = _joined(document["containedBy"], "containedBy")
    return texts


def words_of_geo(geo: Any) -> QueryWords:
    """Read a geo-query object (5.2.13). Raises BadData."""
    return QueryWords(_geo_texts(geo))


def query_filter(text: Any, context: Context, expand_values: frozenset[str] = frozenset()) -> Filter:
    """Read a `q`. Raises BadData, TooComplex."""
    return parse_q_ld(_text(text, "q"), context.expand, expand_values)


def query_scope(text: Any) -> ScopeExpression:
    """Read a `scopeQ`. Raises BadData."""
    return parse_scope(_text(text, "scopeQ"))


def _geo_texts(geo: Any) -> dict[str, str]:
    if geo is None:
        return {}
    if not isinstance(geo, dict):
        raise BadData("geoQ must be an object", field="geoQ")
    texts = {}
    for name in _GEO:
        if name in geo:
            value = geo[name]
            texts[name] = value if isinstance(value, str) else json.dumps(value)
    return texts


def read_selectors(entities: Any, context: Context) -> tuple[EntitySelector, ...]:
    """Read an array of entity selectors (5.2.33). Raises BadData."""
    if entities is None:
        return ()
    if not isinstance(entities, list) or not entities or not all(isinstance(each, dict) for each in entities):
        raise BadData("entities must be an array of objects", field="entities")
    return tuple(_read_selector(each, context) for each in entities)


def _read_selector(document: Mapping[str, Any], context: Context) -> EntitySelector:
    if "type" not in document:
        raise BadData("entities.type must be given", field="entities.type")
    ids = document.get("id", [])
    given = ids if isinstance(ids, list) else [ids]
    types = _text(document["type"], "entities.type")
    pattern = document.get("idPattern")
    return EntitySelector(
        ids=tuple(read_uri(each, "entities.id") for each in given),
        id_pattern=None if given else _read_pattern(None if pattern is None else _text(pattern, "entities.idPattern")),
        types=None if types == "*" else parse_type(types, context.expand),
    )


def _read_pattern(text: str | None) -> str | None:
    if text is None:
        return None
    read_pattern(text, "idPattern")
    return text


def read_query(words: QueryWords, context: Context, page: Page) -> EntityQuery:
    """Build the query. Raises BadData, InvalidRequest."""
    q, scope = words.get("q"), words.get("scopeQ")
    for name in words.words("attrs"):
        check_name(name, "attrs")
    attributes = tuple(map(context.expand, words.words("attrs")))
    return EntityQuery(
        selectors=words.selectors,
        attributes=attributes,
        filter=query_filter(q, context, frozenset(words.words("expandValues"))) if q is not None else None,
        geo=read_geo(words, context),
        scope=query_scope(scope) if scope is not None else None,
        orders=_read_orders(words, context),
        page=page,
    )


def _read_orders(words: QueryWords, context: Context) -> tuple[Order, ...]:
    by, collation, start = words.get("orderBy"), words.get("collation"), words.get("orderFrom")
    if not by:
        if collation is not None or start is not None:
            raise BadData("collation and orderFrom go with orderBy", field="orderBy")
        return ()
    return parse_ld_order(LdOrdering(by, collation, start, words.get("orderGeometry") or "Point"), context.expand)


def check_width(words: QueryWords, query: EntityQuery) -> None:
    """Refuse a query that would give everything: `attrs` and `q` count where they name more than system attributes.

    Ids, patterns of ids and scopes alone do not narrow a query down (5.7.2.4, 5.6.21.4). Raises TooWide.
    """
    if words.is_local:
        return
    if words.get("type") == "*":
        if words.get("local") == "false":
            raise TooWide
        return
    if any(words.get(name) for name in _NARROWING) or any(each.types is not None for each in words.selectors):
        return
    by_attributes = any(name not in _SYSTEM for name in words.words("attrs"))
    if not by_attributes and (query.filter is None or not names_data(query.filter)):
        raise TooWide


def read_geo(words: QueryWords, context: Context) -> tuple[GeoFilter, ...]:
    """Read a geo-query, whose parts go together (4.10). Raises BadData."""
    georel, geometry, coordinates = words.get("georel"), words.get("geometry"), words.get("coordinates")
    given = [each for each in (georel, geometry, coordinates) if each is not None]
    if not given:
        if words.get("geoproperty") is not None:
            raise BadData("geoproperty goes with georel, geometry and coordinates", field="geoproperty")
        return ()
    if georel is None or geometry is None or coordinates is None:
        raise BadData("georel, geometry and coordinates go together", field="georel")
    if geometry not in GEOMETRIES:
        raise BadData(f"geometry must be a GeoJSON geometry, not '{geometry}'", field="geometry")
    name = words.get("geoproperty")
    attribute = context.expand(name) if name else LOCATION
    return (parse_ld_geo(georel, geometry, coordinates, attribute),)
