"""What a caller may see, as a condition on rows of the entity table; `View.parts_of` alike."""

from services.broker.domain.view import View, ViewPart
from services.broker.domain.withheld import Withheld
from services.broker.query.sql_selection import paths_sql
from services.kernel.sql import Fragment, join, literal

_PLACES = literal(
    "(array[path] || (select array_agg(case when starts_with(one.value, '/') then one.value else '/' || one.value end)"
    " from unnest(scopes) as one (value)))"
)


def view_sql(view: View) -> Fragment:
    """Say that an entity belongs to one of the parts of a view, and is not withheld as a whole."""
    if not view.parts:
        return literal("false")
    parts = literal("(") + join(" or ", map(part_sql, view.parts)) + literal(")")
    whole = [withheld_sql(each) for each in view.withheld if not each.attributes]
    return join(" and not ", [parts, *whole])


def part_sql(part: ViewPart) -> Fragment:
    """Say that an entity belongs to one part of a view."""
    places = paths_sql((part.path,))
    if part.closed:
        places = literal("(") + places + literal(" and not ") + paths_sql(part.closed) + literal(")")
    if not part.types and not part.other_types:
        return places
    names = list(part.types)
    typed = literal("(type = any($1::text[]) or (types is not null and types && $2::text[]))", names, names)
    if part.other_types:
        typed = _typed(part.types, part.other_types)
    return literal("(") + typed + literal(" and ") + places + literal(")")


def withheld_sql(withheld: Withheld) -> Fragment:
    """Say that an entity is one of those that are withheld, as a whole or in part; `Withheld.covers` alike."""
    typed = _typed(withheld.types, withheld.other_types)
    inside = _covered((withheld.path,)) + literal(" and not ") + _covered(withheld.other_paths)
    placed = literal("exists (select from unnest(") + _PLACES + literal(") as place (path) where ") + inside
    condition = literal("(") + typed + literal(" and ") + placed + literal(")")
    if withheld.held:
        condition = condition + literal(" and not ") + paths_sql(withheld.held)
    return condition + literal(")")


def kept_back_sql(withheld: Withheld, receiver: tuple[str, str]) -> Fragment:
    """Say that withheld attributes of an entity are kept from a receiver; `View.shown` alike.

    `receiver` is a provided service and its purpose, as in a view: what persons have consented to is not kept from it.
    """
    if not asks_consent(withheld, receiver):
        return withheld_sql(withheld)
    given = literal(
        " and not exists (select from consent where consent.tenant_id = entity.tenant_id and consent.given"
        " and consent.service = $1 and consent.purpose = $2 and consent.item = $3 and consent.subject = ",
        *receiver,
        withheld.item,
    )
    return literal("(") + withheld_sql(withheld) + given + person_sql(withheld) + literal("))")


def asks_consent(withheld: Withheld, receiver: tuple[str, str]) -> bool:
    """Tell whether a person's consent may show a receiver what is withheld."""
    return bool(withheld.item and receiver[0])


def person_sql(withheld: Withheld) -> Fragment:
    """Name the person whose consent would show it, NULL where the entity names none; `Withheld.person_in` alike."""
    if not withheld.subject:
        return literal('entity.id collate "default"')
    return literal(
        "(select case jsonb_typeof(one.instance -> 'value') when 'string' then one.instance ->> 'value' end"
        " from jsonb_array_elements(entity.attrs -> $1::text) with ordinality as one (instance, place)"
        " order by one.instance ? 'datasetId', one.place limit 1)",
        withheld.subject,
    )


def _typed(types: tuple[str, ...], others: tuple[str, ...]) -> Fragment:
    """Say that one of the types is among some (none: whichever) and not among others."""
    return literal(
        "exists (select from unnest(coalesce(types, array[type])) as kind (name)"
        " where (cardinality($1::text[]) = 0 or kind.name = any($1::text[])) and kind.name <> all($2::text[]))",
        list(types),
        list(others),
    )


def _covered(patterns: tuple[str, ...]) -> Fragment:
    """Say that a place is covered by one of some patterns."""
    exact = [pattern.removesuffix("/#") for pattern in patterns if pattern != "/#"]
    below = [pattern.removesuffix("#") for pattern in patterns if pattern.endswith("/#")]
    return literal(
        "(place.path = any($1::text[]) or exists (select from unnest($2::text[]) as base (prefix)"
        " where starts_with(place.path, base.prefix)))",
        exact,
        below,
    )
