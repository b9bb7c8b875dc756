"""Orderings as SQL over the entity table. Ties are broken by `seq`, so that pages are stable at any depth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from services.broker.query.entity_query import Order
from services.broker.query.jsonpath import instances, quote
from services.broker.query.tree import AttributeTarget, EntityTarget
from services.kernel.errors import TooComplex
from services.kernel.sql import Fragment, join, literal

_NAMES: Final[tuple[LiteralString, ...]] = ("key0", "key1", "key2", "key3", "key4", "key5", "key6", "key7")
_COLUMNS: Final[Mapping[str, LiteralString]] = {
    "id": "id",
    "uri": "uri",
    "type": "type",
    "path": "path",
    "scope": "(coalesce(scopes, array[path]))[1]",
    "createdAt": "created_at",
    "modifiedAt": "modified_at",
    "expiresAt": "expires_at",
}
_RANK: Final = """case when {0}.moment is not null then 6 else
    case jsonb_typeof({0}.item) when 'number' then 1 when 'string' then 2 when 'object' then 3
        when 'array' then 4 when 'boolean' then 5 else 0 end end"""
_NUMBER: Final = "case when jsonb_typeof({0}.item) = 'number' then {0}.item::numeric end"
_FLAG: Final = "case when jsonb_typeof({0}.item) = 'boolean' then {0}.item::boolean end"
_TEXT: Final = (
    """coalesce({0}.moment #>> '{{}}', case when jsonb_typeof({0}.item) = 'string' then {0}.item #>> '{{}}' end)"""
)
# Letters without marks, case, width and the kind of kana first: near to the root collation without ICU in PostgreSQL.
_KATAKANA: Final = "".join(map(chr, range(0x30A1, 0x30F7)))
_HIRAGANA: Final = "".join(map(chr, range(0x3041, 0x3097)))
_UNMARKED: Final = "regexp_replace(normalize({0}, nfkd), '[\\u0300-\\u036f\\u3099\\u309a]', '', 'g')"
_FOLDED: Final = f"lower(translate({_UNMARKED}, '{_KATAKANA}', '{_HIRAGANA}')) collate \"C\""


@dataclass(frozen=True, slots=True)
class OrderSql:
    """What goes after the table in `from` (each with a comma before it), and the keys of `order by`."""

    joins: Fragment
    keys: Fragment


def order_sql(orders: Sequence[Order]) -> OrderSql:
    """Write an ordering. A distance is read from the column `distanceN` of a relation `hit`, N counting the orders.

    Raises TooComplex.
    """
    if len(orders) > len(_NAMES):
        raise TooComplex(f"orderBy may have {len(_NAMES)} keys", field="orderBy")
    joins = Fragment("")
    keys: list[Fragment] = []
    for name, order in zip(_NAMES, orders, strict=False):
        if order.distance_from is not None:
            keys.append(_directed(Fragment(f"hit.{name}"), order))
        elif isinstance(order.target, EntityTarget):
            keys.append(_directed(Fragment(_COLUMNS[order.target.member]), order))
        elif isinstance(order.target, AttributeTarget):
            joins += _item(order.target) + Fragment(f" as {name}")
            keys += _attribute_keys(name, order)
    return OrderSql(joins, join(", ", [*keys, literal("seq")]))


def _directed(key: Fragment, order: Order) -> Fragment:
    direction = literal(" desc") if order.descending else literal(" asc")
    last = order.missing_last or order.descending
    return key + direction + (literal(" nulls last") if last else literal(" nulls first"))


def _attribute_keys(name: LiteralString, order: Order) -> list[Fragment]:
    rank = Fragment(_RANK.format(name))
    text = _TEXT.format(name)
    keys = [rank, Fragment(_NUMBER.format(name)), Fragment(_FLAG.format(name))]
    if order.collation is not None:
        keys.append(Fragment(_FOLDED.format(text)))
    keys.append(Fragment(f'{text} collate "C"'))
    missing = [literal("(") + rank + literal(") = 0")] if order.missing_last else []
    return [*missing, *(_directed(key, order) for key in keys)]


def _item(target: AttributeTarget) -> Fragment:
    """Take the value of the default instance, else of the first, once for a row."""
    chosen = instances(target.attribute, target.subs)
    if target.member is not None:
        return _lateral(_first(chosen, f".{quote(target.member)}"), literal("null::jsonb"))
    moment = literal("null::jsonb") if target.keys else _first(chosen, '."instant"')
    return _lateral(_first(chosen, ".".join(['."value"', *map(quote, target.keys)])), moment)


def _first(chosen: str, rest: str) -> Fragment:
    return literal(
        "coalesce(jsonb_path_query_first(attrs, $1::jsonpath), jsonb_path_query_first(attrs, $2::jsonpath))",
        f'{chosen}?(!exists(@."datasetId")){rest}',
        f"{chosen}{rest}",
    )


def _lateral(item: Fragment, moment: Fragment) -> Fragment:
    return literal(", lateral (select ") + item + literal(" as item, ") + moment + literal(" as moment offset 0)")
