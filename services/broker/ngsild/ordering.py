"""The `orderBy` parameter (4.23): `speed;desc,name,id`.

orderBy = key *( "," key )
key     = path [ ";" ( "asc" / "desc" ) ]
path    = name *( "." name )
"""

from typing import Final

from services.broker.domain.names import Context
from services.broker.query.entity_query import Order
from services.broker.query.tree import AttributeTarget, EntityTarget
from services.kernel.errors import BadData

_MEMBERS: Final = frozenset({"id", "type", "createdAt", "modifiedAt", "expiresAt"})
_INNER: Final = frozenset({"observedAt", "unitCode", "datasetId", "createdAt", "modifiedAt"})


def read_orders(text: str | None, context: Context) -> tuple[Order, ...]:
    """Read the keys of an ordering. Raises BadData."""
    if not text:
        return ()
    return tuple(_read_key(key.strip(), context) for key in text.split(","))


def _read_key(key: str, context: Context) -> Order:
    path, _, direction = key.partition(";")
    if direction not in ("", "asc", "desc") or not path:
        raise BadData(f"orderBy must be names with ;asc or ;desc, not '{key}'", field="orderBy")
    if path in _MEMBERS:
        return Order(EntityTarget(path), descending=direction == "desc")
    name, *rest = path.split(".")
    member = rest.pop() if rest and rest[-1] in _INNER else None
    subs = tuple(map(context.expand, rest))
    return Order(AttributeTarget(context.expand(name), subs=subs, member=member), descending=direction == "desc")
