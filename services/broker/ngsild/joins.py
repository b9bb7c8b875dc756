"""Linked entity retrieval: the entities that Relationships point at, inside them or beside them (4.5.23)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from services.broker.domain.attribute import LIST_RELATIONSHIP, RELATIONSHIP, Instance
from services.broker.domain.entity import Entity
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.representation import Join, JoinKind, Representation
from services.broker.operations.broker import Broker
from services.broker.operations.reads import find
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.kernel.errors import BadData, TooComplex, UnknownTenant
from services.kernel.paging import Page
from services.kernel.tenancy import Tenant

DEEPEST: Final = 10
_MOST: Final = 1000
Shown = tuple[Entity, Representation]


def read_join(parameters: Parameters) -> Join | None:
    """Read `join`, `joinLevel` and `containedBy`; None where no linked entities are asked for. Raises BadData."""
    return join_of(parameters.get("join"), parameters.get("joinLevel"), parameters.words("containedBy"))


def join_of(kind: str | None, level: str | None, contained_by: Iterable[str]) -> Join | None:
    """Return how linked entities are shown; None where they are not. Raises BadData."""
    if level is not None and not (level.isascii() and level.isdigit() and 0 < len(level) < 4 and int(level) > 0):
        raise BadData(f"joinLevel must be a whole number above 0, not '{level}'", field="joinLevel")
    if level is not None and int(level) > DEEPEST:
        raise BadData(f"joinLevel must not be above {DEEPEST}", field="joinLevel")
    contained = frozenset(read_uri(each, "containedBy") for each in contained_by)
    if kind in (None, "", "@none"):
        return None
    if kind not in list(JoinKind):
        raise BadData(f"join must be inline, flat or @none, not '{kind}'", field="join")
    return Join(JoinKind(str(kind)), int(level or 1), contained)


def check_depth(depth: int, join: Join | None, where: str) -> None:
    """Refuse a selection that reaches deeper than linked entities are retrieved (5.7.1.4, 5.7.2.4). Raises BadData."""
    if depth > (0 if join is None else join.level):
        raise BadData(f"{where} reaches {depth} links deep; join and joinLevel must allow that", field=where)


async def with_linked(call: Call, entities: Sequence[Entity], shown: Representation) -> list[Shown]:
    """Return entities as a request shows them, with those that they link to: inside them, or after them."""
    try:
        tenant = await call.tenant() if shown.join is not None else None
    except UnknownTenant:
        tenant = None
    return await joined(call.broker, tenant, entities, shown)


async def joined(
    broker: Broker, tenant: Tenant | None, entities: Sequence[Entity], shown: Representation
) -> list[Shown]:
    """Return entities as they are to be shown, with those of a tenant that they link to. Raises TooComplex."""
    join = shown.join
    if join is None or not entities:
        return [(each, shown) for each in entities]
    found = {each.uri: each for each in entities}
    flat: list[Shown] = []
    layer: list[Shown] = [(each, shown) for each in entities]
    for _ in range(join.level):
        views = _wanted(layer, found)
        if len(found) + len(views) > _MOST:
            raise TooComplex(f"More than {_MOST} entities are linked; ask for fewer or with a lower joinLevel")
        layer = [(each, views[each.uri]) for each in await _retrieve(broker, tenant, views)]
        found.update({each.uri: each for each, _ in layer})
        flat += layer
    if join.kind is JoinKind.INLINE:
        inside = replace(shown, join=replace(join, entities=found))
        return [(each, inside) for each in entities]
    return [*((each, shown) for each in entities), *flat]


def _wanted(layer: Iterable[Shown], found: dict[str, Entity]) -> dict[str, Representation]:
    views: dict[str, Representation] = {}
    for entity, view in layer:
        assert view.join is not None
        for name, instances in entity.attrs.items():
            if not view.shows(name):
                continue
            for uri in targets(instances):
                if uri not in found and uri not in view.join.contained_by and uri not in views:
                    views[uri] = view.below(name, entity.uri)
    return views


def targets(instances: Iterable[Instance]) -> list[str]:
    """Return the URIs that the Relationships among instances point at."""
    uris: list[str] = []
    for instance in instances:
        if instance["kind"] in (RELATIONSHIP, LIST_RELATIONSHIP):
            value = instance["value"]
            uris += value if isinstance(value, list) else [value]
    return uris


async def _retrieve(broker: Broker, tenant: Tenant | None, views: dict[str, Representation]) -> list[Entity]:
    if not views or tenant is None:
        return []
    query = EntityQuery(selectors=(EntitySelector(ids=tuple(views)),), page=Page(limit=_MOST))
    by_uri = {each.uri: each for each in (await find(broker, tenant, query)).entities}
    return [by_uri[uri] for uri in views if uri in by_uri]
