"""`orderBy` (Orion API, Ordering Results)."""

from typing import Final

from services.broker.ngsiv2.expression import Expression
from services.broker.ngsiv2.names import Names
from services.broker.query.entity_query import Order
from services.broker.query.tree import AttributeTarget, EntityTarget, Target
from services.kernel.errors import InvalidRequest

DISTANCE: Final = "geo:distance"
ENTITY_MEMBERS: Final = {
    "id": "id",
    "type": "type",
    "dateCreated": "createdAt",
    "dateModified": "modifiedAt",
    "dateExpires": "expiresAt",
    "servicePath": "path",
}


def read_order(text: str | None, expression: Expression, names: Names) -> tuple[Order, ...]:
    """Return the keys of an ordering. Raises InvalidRequest where one is repeated, or a distance has no reference."""
    if text is None:
        return ()
    orders: dict[str, Order] = {}
    for token in text.split(","):
        name = token.removeprefix("!")
        if not name:
            raise InvalidRequest("orderBy has an empty name", field="orderBy")
        if name in orders:
            raise InvalidRequest("duplicate orderBy token detected", field="orderBy")
        orders[name] = _order(name, expression, names, reverse=token.startswith("!"))
    return tuple(orders.values())


def _order(name: str, expression: Expression, names: Names, *, reverse: bool) -> Order:
    if name == DISTANCE:
        if expression.near is None:
            raise InvalidRequest("orderBy=geo:distance needs georel=near", field="orderBy")
        return Order(None, reverse, expression.near)
    member = ENTITY_MEMBERS.get(name)
    target: Target = EntityTarget(member) if member else AttributeTarget(names.expand(name))
    return Order(target, reverse)
