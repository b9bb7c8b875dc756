"""What was recorded of entities, as lines of CSV that PostgreSQL writes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
    no longer have are told too, by their expanded names.
    """

    type_name: str
    attributes: Sequence[tuple[str, str]]
    start: datetime | None = None
    end: datetime | None = None
    by_observation: bool = False
    is_all: bool = False


async def uris_of(connection: Connection, extract: Extract, start: int, end: int) -> list[str]:
    """Return the ids of the entities of a page."""
    statement = literal("select uri from entity where ") + extract.rows(start, end) + literal(" order by seq")
    return [row["uri"] for row in await connection.fetch(statement.text, *statement.parameters)]


async def copy_history(
    connection: Connection, tenant_id: int, uris: Sequence[str], wanted: HistoryExtract, sink: Sink
) -> None:
    """Write what was recorded of some entities, entity by entity, attribute by attribute, in order of recording."""
    statement = _statement(tenant_id, uris, wanted)
    await connection.copy_from_query(statement.text, *statement.parameters, output=sink, format="csv", encoding="utf-8")


def _statement(tenant_id: int, uris: Sequence[str], wanted: HistoryExtract) -> Fragment:
    names, shown = [each for each, _ in wanted.attributes], [each for _, each in wanted.attributes]
    named = literal(" left join unnest($1::text[], $2::text[]) as named (iri, short)", names, shown)
    return (
        literal("select h.uri, $1::text, coalesce(named.short, h.attribute), h.instance ->> 'value',", wanted.type_name)
        + literal(" h.instance ->> 'unitCode', to_char(h.observed_at at time zone 'utc', ")
        + Fragment(_INSTANT)
        + literal("), to_char(h.recorded_at at time zone 'utc', ")
        + Fragment(_INSTANT)
        + literal("), h.change from unnest($1::text[]) with ordinality as one (uri, place)", list(uris))
        + literal(" join history h on h.tenant_id = $1 and h.uri = one.uri", tenant_id)
        + named
        + literal(" on named.iri = h.attribute")
        + literal(" where ")
        + _conditions(wanted)
        + literal(" order by one.place, h.attribute, h.recorded_at")
    )


def _conditions(wanted: HistoryExtract) -> Fragment:
    instant = literal("h.observed_at") if wanted.by_observation else literal("h.recorded_at")
    found = [literal("true") if wanted.is_all else literal("named.iri is not null")]
    if wanted.start is not None:
        found.append(instant + literal(" >= $1::timestamptz", wanted.start))
    if wanted.end is not None:
        found.append(instant + literal(" < $1::timestamptz", wanted.end))
    return join(" and ", found)
