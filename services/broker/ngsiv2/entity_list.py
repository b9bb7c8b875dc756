"""Queries over entities, from query parameters (GET /v2/entities) and from a body (POST /v2/op/query)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.selection import TypeAny, TypeExpression, TypeIs
from services.broker.http.face import Call
from services.broker.http.route import Parameter
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.expression import Expression, read_expression
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.ordering import read_order
from services.broker.ngsiv2.parameters import Shape, read_names, read_paging, read_shape
from services.broker.ngsiv2.patterns import check_pattern, type_pattern
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.ngsiv2.syntax import check_identifier
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.kernel.errors import BadData, InvalidRequest

_BODY_MEMBERS: Final = frozenset({"entities", "attrs", "attributes", "expression", "metadata"})
_SELECTOR_MEMBERS: Final = frozenset({"id", "idPattern", "type", "typePattern"})


@dataclass(frozen=True, slots=True)
class Question:
    """A query as the store answers it, and as it is forwarded: the selectors and attributes in the user's words."""

    query: EntityQuery
    selectors: tuple[Mapping[str, str], ...]
    attributes: tuple[str, ...]


def query_of_parameters(call: Call, names: Names, options: frozenset[str]) -> Question:
    """Read the query of GET /v2/entities. Raises InvalidRequest."""
    parameters = call.request.parameters
    selectors, sent = _selectors_of_parameters(call, names)
    members = {name: parameters.get(name) for name in ("q", "mq", "georel", "geometry", "coords")}
    expression = read_expression({name: each for name, each in members.items() if each is not None}, names)
    query = _query(call, names, options, selectors, expression)
    return Question(query, sent, _plain_names(read_names(parameters, "attrs")))


def _selectors_of_parameters(
    call: Call, names: Names
) -> tuple[tuple[EntitySelector, ...], tuple[Mapping[str, str], ...]]:
    parameters = call.request.parameters
    id_pattern, kind_pattern = parameters.get("idPattern"), parameters.get("typePattern")
    ids, types = read_names(parameters, "id"), read_names(parameters, "type")
    if ids is not None and id_pattern is not None:
        raise InvalidRequest("Incompatible parameters: id, IdPattern", field="idPattern")
    if types is not None and kind_pattern is not None:
        raise InvalidRequest("Incompatible parameters: type, typePattern", field="typePattern")
    if all(each is None for each in (ids, id_pattern, types, kind_pattern)):
        return (), ({"idPattern": ".*"},)
    for each in ids or ():
        check_identifier(each, "entity id")
    for each in types or ():
        check_identifier(each, "entity type")
    selector = EntitySelector(
        ids=ids or (),
        id_pattern=None if id_pattern is None else check_pattern(id_pattern, "idPattern"),
        types=_any_type(types or (), names),
        type_pattern=None if kind_pattern is None else type_pattern(kind_pattern, names),
        by_uri=False,
    )
    id_parts = [{"id": each} for each in ids] if ids else [{"idPattern": id_pattern or ".*"}]
    type_parts: list[dict[str, str]] = [{"type": each} for each in types] if types else [{}]
    return (selector,), tuple({**one, **other} for one in id_parts for other in type_parts)


def _any_type(types: Iterable[str], names: Names) -> TypeExpression | None:
    parts = tuple(TypeIs(names.expand_type(each)) for each in types)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else TypeAny(parts)


def _query(
    call: Call, names: Names, options: frozenset[str], selectors: tuple[EntitySelector, ...], expression: Expression
) -> EntityQuery:
    parameters = call.request.parameters
    return EntityQuery(
        selectors=selectors,
        filter=expression.filter,
        geo=expression.geo,
        paths=paths_to_read(call.request),
        orders=read_order(parameters.get("orderBy"), expression, names),
        page=read_paging(parameters, options),
    )


def query_of_body(
    document: Mapping[str, Any], call: Call, names: Names, options: frozenset[str]
) -> tuple[Question, Shape]:
    """Read the query of POST /v2/op/query and the representation it asks for. Raises BadData."""
    unknown = document.keys() - _BODY_MEMBERS
    if unknown:
        raise BadData(f"A query has no member '{min(unknown)}'", field=min(unknown))
    selectors = tuple(_read_selector(each, names) for each in _list(document, "entities"))
    expression = read_expression(_read_object(document, "expression"), names)
    query = _query(call, names, options, selectors, expression)
    required = _read_words(document, "attributes")
    if required:
        query = _requiring(query, required, names)
    shape = read_shape(call.request.parameters, options)
    attributes = _read_words(document, "attrs") or required
    metadata = _read_words(document, "metadata")
    sent = tuple({key: str(value) for key, value in each.items()} for each in document.get("entities", ()))
    question = Question(query, sent or ({"idPattern": ".*"},), _plain_names(attributes))
    return question, Shape(shape.form, attributes or shape.attributes, metadata or shape.metadata)


def _requiring(query: EntityQuery, required: tuple[str, ...], names: Names) -> EntityQuery:
    attributes = tuple(names.expand(each) for each in required if each != "*")
    return EntityQuery(
        query.selectors, attributes, query.filter, query.geo, paths=query.paths, orders=query.orders, page=query.page
    )


def _read_selector(document: Any, names: Names) -> EntitySelector:
    return read_selector(document, names)


def read_selector(document: Any, names: Names) -> EntitySelector:
    """Read `{id|idPattern, type|typePattern}`. Raises BadData."""
    if not isinstance(document, dict) or not document:
        raise BadData("An element of entities must be a JSON object that is not empty", field="entities")
    unknown = document.keys() - _SELECTOR_MEMBERS
    if unknown:
        raise BadData(f"An element of entities has no member '{min(unknown)}'", field=min(unknown))
    if "id" in document and "idPattern" in document:
        raise BadData("id and idPattern exclude each other", field="idPattern")
    if "type" in document and "typePattern" in document:
        raise BadData("type and typePattern exclude each other", field="typePattern")
    if "id" not in document and "idPattern" not in document:
        raise BadData("An element of entities needs id or idPattern", field="id")
    ids = (check_identifier(document["id"], "entity id"),) if "id" in document else ()
    types = (check_identifier(document["type"], "entity type"),) if "type" in document else ()
    return EntitySelector(
        ids=ids,
        id_pattern=check_pattern(document["idPattern"], "idPattern") if "idPattern" in document else None,
        types=_any_type(types, names),
        type_pattern=type_pattern(document["typePattern"], names) if "typePattern" in document else None,
        by_uri=False,
    )


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    value = document.get(name, [])
    if not isinstance(value, list) or (name in document and not value):
        raise BadData(f"{name} must be a list that is not empty", field=name)
    return value


def _read_object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name, {})
    if not isinstance(value, dict) or (name in document and not value):
        raise BadData(f"{name} must be a JSON object that is not empty", field=name)
    return value


def _read_words(document: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = document.get(name)
    if value is None and name not in document:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise BadData(f"{name} must be a list of names", field=name)
    return tuple(dict.fromkeys(value)) or None


def _plain_names(attributes: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(each for each in attributes or () if each != "*")


_TEXT: Final = {"type": "string"}
ORDER_BY: Final = Parameter(
    "orderBy",
    "Attributes, `id`, `type`, `dateCreated`, `dateModified` with commas between, `!` before one reverses it;"
    " `geo:distance` with `georel=near`",
    _TEXT,
    example="temperature,!humidity",
)
LIST_PARAMETERS: Final = (
    words.PATHS_TO_READ,
    Parameter("id", "Ids, with commas between", _TEXT, example="room1,room2"),
    Parameter("type", "Types, with commas between", _TEXT, example="Room"),
    Parameter("idPattern", "Regular expression that ids match", _TEXT, example="^room"),
    Parameter("typePattern", "Regular expression that types match", _TEXT, example="^Ro"),
    Parameter("q", "Filter by attributes (Simple Query Language)", _TEXT, example="temperature>20"),
    Parameter("mq", "Filter by metadata", _TEXT, example="temperature.accuracy<0.9"),
    Parameter(
        "georel", "`near;maxDistance:1000`, `coveredBy`, `intersects`, …", _TEXT, example="near;maxDistance:1000"
    ),
    Parameter("geometry", "`point`, `line`, `polygon` or `box`", _TEXT, example="point"),
    Parameter("coords", "`latitude,longitude` pairs with `;` between", _TEXT, example="34.34,134.05"),
    words.LIMIT,
    words.OFFSET,
    words.ATTRS,
    words.METADATA,
    ORDER_BY,
)
