"""What was recorded of entities, as lines of CSV that PostgreSQL writes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.broker.domain.withheld import Withheld
from services.broker.query.sql_view import asks_consent, kept_back_sql, person_sql, withheld_sql
from services.broker.store.exports import Extract
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, join, literal

COLUMNS: Final = ("id", "type", "attribute", "value", "unitCode", "observedAt", "recordedAt", "change")
Sink = Callable[[bytes], Awaitable[None]]
_INSTANT: Final = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""


@dataclass(frozen=True, slots=True)
class HistoryExtract:
    """Which records are wanted: of attributes (expanded names, with the names to show), from one instant to another.

    `by_observation`: the instants are those of observation, not of recording. `is_all`: attributes that the entities
    no longer have are told too, by their expanded names. `uri`: of the entity with this id alone.
    """

    type_name: str
    attributes: Sequence[tuple[str, str]]
    start: datetime | None = None
    end: datetime | None = None
    by_observation: bool = False
    is_all: bool = False
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The entities of a page by their ids, and which of their attributes (expanded names) are kept back."""

    uris: Sequence[str]
    kept_back: Sequence[tuple[str, str]] = ()


async def told_of(connection: Connection, extract: Extract, start: int, end: int) -> Told:
    """Return the entities of a page with what persons have not consented to.

    Of an entity that has named more than one person nothing of that kind is told: its records may be another's.
    """
    rows = extract.rows(start, end)
    statement = literal("select uri from entity where ") + rows + literal(" order by seq")
    uris = [row["uri"] for row in await connection.fetch(statement.text, *statement.parameters)]
    kept_back: list[tuple[str, str]] = []
    if extract.view is not None:
        receiver = extract.view.receiver
        for each in extract.view.withheld:
            if asks_consent(each, receiver):
                lacking = (
                    literal("select uri from entity where ") + rows + literal(" and ") + _kept_back(each, receiver)
                )
                found = await connection.fetch(lacking.text, *lacking.parameters)
                kept_back += [(row["uri"], name) for row in found for name in each.attributes]
    return Told(uris, kept_back)


def _kept_back(withheld: Withheld, receiver: tuple[str, str]) -> Fragment:
    kept_back = kept_back_sql(withheld, receiver)
    if not withheld.subject:
        return kept_back
    others = literal(
        "exists (select from history h where h.tenant_id = entity.tenant_id and h.uri = entity.uri"
        " and h.attribute = $1 and h.instance ->> 'value' is distinct from ",
        withheld.subject,
    )
    others = withheld_sql(withheld) + literal(" and ") + others + person_sql(withheld) + literal(")")
    return literal("(") + kept_back + literal(" or ") + others + literal(")")


async def copy_history(connection: Connection, tenant_id: int, told: Told, wanted: HistoryExtract, sink: Sink) -> None:
    """Write what was recorded of some entities, entity by entity, attribute by attribute, in order of recording."""
    statement = _statement(tenant_id, told, wanted)
    await connection.copy_from_query(statement.text, *statement.parameters, output=sink, format="csv", encoding="utf-8")


def _statement(tenant_id: int, told: Told, wanted: HistoryExtract) -> Fragment:
    names, shown = [each for each, _ in wanted.attributes], [each for _, each in wanted.attributes]
    named = literal(" left join unnest($1::text[], $2::text[]) as named (iri, short)", names, shown)
    return (
        literal("select h.uri, $1::text, coalesce(named.short, h.attribute), h.instance ->> 'value',", wanted.type_name)
        + literal(" h.instance ->> 'unitCode', to_char(h.observed_at at time zone 'utc', ")
        + Fragment(_INSTANT)
        + literal("), to_char(h.recorded_at at time zone 'utc', ")
        + Fragment(_INSTANT)
        + literal("), h.change from unnest($1::text[]) with ordinality as one (uri, place)", list(told.uris))
        + literal(" join history h on h.tenant_id = $1 and h.uri = one.uri", tenant_id)
        + named
        + literal(" on named.iri = h.attribute")
        + literal(" where ")
        + _conditions(wanted)
        + _consented(told)
        + literal(" order by one.place, h.attribute, h.recorded_at")
    )


def _consented(told: Told) -> Fragment:
    if not told.kept_back:
        return literal("")
    return literal(
        " and not exists (select from unnest($1::text[], $2::text[]) as kept (uri, attribute)"
        " where kept.uri = h.uri and kept.attribute = h.attribute)",
        [uri for uri, _ in told.kept_back],
        [name for _, name in told.kept_back],
    )


def _conditions(wanted: HistoryExtract) -> Fragment:
    instant = literal("h.observed_at") if wanted.by_observation else literal("h.recorded_at")
    found = [literal("true") if wanted.is_all else literal("named.iri is not null")]
    if wanted.start is not None:
        found.append(instant + literal(" >= $1::timestamptz", wanted.start))
    if wanted.end is not None:
        found.append(instant + literal(" < $1::timestamptz", wanted.end))
    return join(" and ", found)
