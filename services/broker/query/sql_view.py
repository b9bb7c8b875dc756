"""What a caller may see, as a condition on rows of the entity table; `View.parts_of` alike."""

from services.broker.domain.view import View, ViewPart
from services.broker.query.sql_selection import paths_sql
from services.kernel.sql import Fragment, join, literal


def view_sql(view: View) -> Fragment:
    """Say that an entity belongs to one of the parts of a view."""
    if not view.parts:
        return literal("false")
    return literal("(") + join(" or ", map(_part_sql, view.parts)) + literal(")")


def _part_sql(part: ViewPart) -> Fragment:
    places = paths_sql((part.path,))
    if not part.types:
        return places
    names = list(part.types)
    typed = literal("(type = any($1::text[]) or (types is not null and types && $2::text[]))", names, names)
    return literal("(") + typed + literal(" and ") + places + literal(")")
