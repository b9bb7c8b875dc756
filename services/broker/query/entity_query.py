"""What a query asks: which entities, in which order, which part of the result. Both faces build it."""

from dataclasses import dataclass, field

from services.broker.domain.selection import ScopeExpression, TypeExpression
from services.broker.domain.view import View
from services.broker.query.tree import Filter, GeoFilter, Target
from services.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class EntitySelector:
    """Entities by id and type; all given parts must fit. Patterns are regular expressions, searched anywhere.

    NGSI-LD ids are compared with the entity's `uri`, NGSIv2 ids (`by_uri` false) with its `id`. `type_pattern` is
    held against the short name of the first type, given as a pattern over expanded names by the face.
    """

    ids: tuple[str, ...] = ()
    id_pattern: str | None = None
    types: TypeExpression | None = None
    type_pattern: str | None = None
    by_uri: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """One key of an ordering: a target, or the distance of a geometry from another (GeoJSON text).

    With `distance_from` the target is a GeoProperty, or None for the default location. Values of several kinds stand
    in the order null, number, string, object, array, boolean, date-time (NGSIv2, Ordering results; NGSI-LD 4.23.2);
    with `missing_last` null and what is missing come last in both directions. Strings stand by code point, or with a
    `collation` (a language tag) as a reader expects them.
    """

    target: Target | None
    descending: bool = False
    distance_from: str | None = None
    collation: str | None = None
    missing_last: bool = False


@dataclass(frozen=True, slots=True)
class EntityQuery:
    """A query over the current state of one tenant.

    `selectors` are alternatives; none means any entity. `attributes`: the entity has at least one of them (NGSI-LD
    `attrs`, 5.7.2). `paths` are service-path patterns, alternatives (`/a`, `/a/#`); none means everywhere.
    Without `orders` the result is in order of creation. `view` is what the caller may see; None means everything.
    `numbers` are those of the entities that an index says the filter can hold for; None: any.
    """

    selectors: tuple[EntitySelector, ...] = ()
    attributes: tuple[str, ...] = ()
    filter: Filter | None = None
    geo: tuple[GeoFilter, ...] = ()
    scope: ScopeExpression | None = None
    paths: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    page: Page = field(default_factory=Page)
    view: View | None = None
    numbers: tuple[int, ...] | None = None
