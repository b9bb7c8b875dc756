"""Which registrations a query asks for: by entities, attributes, place, time, scope and source (5.10.2, 6.8.3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.broker.domain.attribute import GEO_PROPERTY, PROPERTY, Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.names import LOCATION, NGSI_LD, OBSERVATION_SPACE, OPERATION_SPACE, Context
from services.broker.domain.registration import EntityInfo, Information, Registration
from services.broker.ngsild.filters import QueryWords, TooWide, query_filter, query_scope, read_geo, words_of_parameters
from services.broker.ngsild.input_entity import read_scopes
from services.broker.ngsild.input_values import read_date_time
from services.broker.ngsild.registration_members import KNOWN
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.query.pattern import read_pattern
from services.broker.query.selection import has_types, meets
from services.broker.query.tree import All
from services.kernel.clock import from_iso
from services.kernel.errors import BadData

_TIMES: Final = {
    "observedAt": "observationInterval",
    "createdAt": "managementInterval",
    "modifiedAt": "managementInterval",
    "deletedAt": "managementInterval",
}
_SPACES: Final = {"location": LOCATION, "observationSpace": OBSERVATION_SPACE, "operationSpace": OPERATION_SPACE}
_SELECTIVE: Final = ("attrs", "q", "georel", "scopeQ", "csf", "timerel")


@dataclass(frozen=True, slots=True)
class _Period:
    """An interval of the sources' data that is asked for; without an end it is open."""

    member: str
    start: datetime | None
    end: datetime | None

    def meets(self, registration: Registration) -> bool:
        """Tell whether a registration has the interval and it overlaps."""
        interval = registration.document.get(self.member)
        if interval is None:
            return False
        if self.end is not None and from_iso(interval["startAt"]) > self.end:
            return False
        return self.start is None or "endAt" not in interval or from_iso(interval["endAt"]) >= self.start


def read_registration_filter(pairs: list[tuple[str, str]], context: Context) -> Callable[[Registration], bool]:
    """Read what a query selects. Raises BadData."""
    words = words_of_parameters(pairs, context)
    if not words.selectors and not any(words.get(name) for name in _SELECTIVE):
        raise TooWide
    selector = words.selectors[0] if words.selectors else EntitySelector()
    attributes = frozenset(map(context.expand, words.words("attrs")))
    source = _read_source(words, context)
    period = _read_period(words.texts)

    def fits(registration: Registration) -> bool:
        return (
            any(_offers(part, selector, attributes) for part in registration.information)
            and meets(source, _as_entity(registration))
            and (period is None or period.meets(registration))
        )

    return fits


def _read_source(words: QueryWords, context: Context) -> EntityQuery:
    filters = [query_filter(text, context) for name in ("csf", "q") if (text := words.get(name)) is not None]
    scope = words.get("scopeQ")
    return EntityQuery(
        filter=All(tuple(filters)) if filters else None,
        geo=read_geo(words, context),
        scope=query_scope(scope) if scope is not None else None,
    )


def _offers(part: Information, selector: EntitySelector, attributes: frozenset[str]) -> bool:
    if attributes and part.attributes and attributes.isdisjoint(part.attributes):
        return False
    return not part.entities or any(_is_wanted(each, selector) for each in part.entities)


def _is_wanted(info: EntityInfo, selector: EntitySelector) -> bool:
    if selector.types is not None and not has_types(selector.types, tuple(info.types)):
        return False
    if selector.ids and info.id is not None and info.id not in selector.ids:
        return False
    if selector.ids and info.id is None and info.id_pattern is not None:
        pattern = read_pattern(info.id_pattern, "idPattern")
        return any(map(pattern.is_in, selector.ids))
    if selector.id_pattern is not None and info.id is not None:
        return read_pattern(selector.id_pattern, "idPattern").is_in(info.id)
    return True


def _as_entity(registration: Registration) -> Entity:
    """Return the properties of a source as an entity, so that the query language's own interpreter decides."""
    document = registration.document
    attrs: Attributes = {}
    for name, value in document.items():
        if name in _SPACES:
            attrs[_SPACES[name]] = [{"kind": GEO_PROPERTY, "value": value}]
        elif name in KNOWN:
            attrs[NGSI_LD + name] = attrs[NGSI_LD + "default-context/" + name] = [{"kind": PROPERTY, "value": value}]
        else:
            attrs[name] = [{"kind": PROPERTY, "value": _plain(value)}]
    scopes = read_scopes(document["scope"]) if "scope" in document else None
    return Entity(registration.id, (document["type"],), attrs, uri=registration.id, scopes=scopes)


def _plain(value: Any) -> Any:
    return value.get("value", value) if isinstance(value, dict) else value


def _read_period(texts: Mapping[str, str]) -> _Period | None:
    relation = texts.get("timerel")
    if relation is None:
        if not {"timeAt", "endTimeAt", "timeproperty"}.isdisjoint(texts):
            raise BadData("timeAt, endTimeAt and timeproperty go with timerel", field="timerel")
        return None
    name = texts.get("timeproperty") or "observedAt"
    if name not in _TIMES:
        raise BadData(f"timeproperty must be one of {', '.join(_TIMES)}", field="timeproperty")
    at = read_date_time(texts.get("timeAt"), "timeAt")
    match relation:
        case "before":
            return _Period(_TIMES[name], None, at)
        case "after":
            return _Period(_TIMES[name], at, None)
        case "between":
            return _Period(_TIMES[name], at, read_date_time(texts.get("endTimeAt"), "endTimeAt"))
        case _:
            raise BadData("timerel must be before, after or between", field="timerel")
