"""The query tree as SQL over a row of the entity table. Whatever is about attributes only becomes one JSON path."""

from collections.abc import Sequence
from typing import LiteralString

from services.broker.query import tree
from services.broker.query.jsonpath import PathWriter, instances
from services.broker.query.sql_members import compare_member, member_exists
from services.broker.query.tree import AttributeTarget, Compare, EntityTarget, Exists, Filter, Linked, Not
from services.kernel.sql import Fragment, join, literal

_POINTS_AT = '?(@."kind" == "Relationship" || @."kind" == "ListRelationship")."value"[*]'


def filter_sql(condition: Filter, tenant_id: int) -> Fragment:
    """Return a filter as a condition that is true or false, never null. Linked entities are the tenant's own."""
    if _is_about_attributes(condition):
        writer = PathWriter()
        path = writer.write(condition)
        return literal(
            "coalesce(jsonb_path_match(attrs, $1::jsonpath, $2::jsonb, true), false)", path, writer.variables
        )
    match condition:
        case tree.All(parts):
            return _joined(" and ", _grouped(parts, tree.All), tenant_id)
        case tree.Any(parts):
            return _joined(" or ", _grouped(parts, tree.Any), tenant_id)
        case Not(part):
            return literal("(not ") + filter_sql(part, tenant_id) + literal(")")
        case Linked():
            return _linked(condition, tenant_id)
        case Exists(EntityTarget(member)):
            return member_exists(member)
        case Compare(EntityTarget(member), sign, operand):
            return compare_member(member, sign, operand)
        case _:
            raise TypeError(f"{type(condition).__name__} has no SQL")


def _is_about_attributes(condition: Filter) -> bool:
    match condition:
        case tree.All(parts) | tree.Any(parts):
            return all(map(_is_about_attributes, parts))
        case Not(part):
            return _is_about_attributes(part)
        case Exists(target) | Compare(target):
            return isinstance(target, AttributeTarget)
        case Linked():
            return False


def _grouped(parts: Sequence[Filter], group: type[tree.All] | type[tree.Any]) -> list[Filter]:
    """Put the parts that are about attributes into one, so that `attrs` is read once."""
    about = tuple(part for part in parts if _is_about_attributes(part))
    others = [part for part in parts if not _is_about_attributes(part)]
    return [*others, group(about)] if len(about) > 1 else list(parts)


def _joined(separator: LiteralString, parts: Sequence[Filter], tenant_id: int) -> Fragment:
    return literal("(") + join(separator, [filter_sql(part, tenant_id) for part in parts]) + literal(")")


def _linked(condition: Linked, tenant_id: int) -> Fragment:
    # Within the inner select `attrs`, `type` and the other columns are the linked entity's.
    path = instances(condition.attribute, condition.subs) + _POINTS_AT
    conditions = [living(tenant_id), filter_sql(condition.part, tenant_id)]
    if condition.types:
        conditions.append(literal("coalesce(types, array[type]) && $1::text[]", list(condition.types)))
    return (
        literal("exists (select from jsonb_path_query(attrs, $1::jsonpath) as link (target), lateral (", path)
        + literal("select from entity where uri = link.target #>> '{}' and ")
        + join(" and ", conditions)
        + literal(") as linked)")
    )


def living(tenant_id: int) -> Fragment:
    """Say that a row is the tenant's and its time is not over."""
    return literal("tenant_id = $1 and (expires_at is null or expires_at > now())", tenant_id)
