"""What a condition selects: the identifiers of a part in order, how many there are, counts by field; one statement."""

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from services.catalog.domain.audience import Audience
from services.catalog.domain.query import Condition, Field, Slice, Sort, SortKey, phrases
from services.catalog.domain.search_terms import normalise
from services.catalog.store import ranking
from services.catalog.store.conditions import ARRAYS, COUNTED, TRUE, all_of, negated, selected, visible
from services.catalog.store.facets import Counts
from services.catalog.store.ordering import SORTED, order_by
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment, enclosed, join, literal

_JOINED: Final = literal(" from dataset join tenant on tenant.tenant_id = dataset.tenant_id where ")
_PAGE = """(select json_agg(json_build_array(dataset_id, written, told))
from (select dataset_id, written, told from hits order by {order_by} limit $1 offset $2) page) as page"""
_FACET = """(select json_agg(json_build_array(value, number)) from (
    select value, count(*) as number from (select {held} as value from hits) held
    where value is not null group by value order by count(*) desc, value collate "C" limit $1
) counts) as {label}"""
_STANDING: Final = literal(
    "select dataset.dataset_id, dataset.xmin::text as written, tenant.xmin::text as told"
    " from unnest($1::uuid[]) with ordinality as asked (dataset_id, place)"
    " join dataset using (dataset_id) join tenant on tenant.tenant_id = dataset.tenant_id where "
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who searches, for what, by which fields the results are counted, and how many values each count names."""

    audience: Audience
    condition: Condition
    fields: tuple[Field, ...] = ()
    values: int = 20

    @property
    def phrases(self) -> tuple[str, ...]:
        """The normalised phrases that results are ranked by."""
        plain = (normalise(phrase) for phrase in phrases(self.condition))
        return tuple(dict.fromkeys(phrase for phrase in plain if phrase))

    @property
    def where(self) -> Fragment:
        """What selects the results."""
        return selected(self.audience, self.condition)


class Hit(NamedTuple):
    """A data set that is found. `version` is another whenever it, or what is known of its publisher, was written."""

    dataset_id: uuid.UUID
    version: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hits:
    """How many data sets there are, those of the part that is wanted, and the counts by field."""

    total: int
    page: tuple[Hit, ...] = ()
    facets: Mapping[Field, Counts] = field(default_factory=dict)


async def few_hits(connection: Connection, asked: Asked, part: Slice, most: int) -> Hits | None:
    """Return the results in order if there are not more than `most`, else None."""
    row = await _read_few(connection, asked, part, most)
    if row["total"] > most:
        return None
    return Hits(row["total"], _page_of(row), {each: _tally(each, row[_label(each)], asked) for each in asked.fields})


def _tally(field: Field, values: Sequence[Any] | None, asked: Asked) -> Counts:
    """Count values, of which the most frequent come first."""
    if not values:
        return ()
    found = Counter(chain.from_iterable(values) if field in ARRAYS else values)
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0]))[: asked.values or None])


async def count_all(connection: Connection, asked: Asked) -> Hits:
    """Count all results, and by field, however many there are."""
    wanted = [literal("(select count(*) from hits) as total")]
    wanted += [Fragment(_facet(each), (asked.values or None,)) for each in asked.fields]
    statement = _among(_hits(asked.fields, (), asked.where)) + literal("select ") + join(", ", wanted)
    row = await connection.fetchrow(*_call(statement))
    return Hits(row["total"], (), _counts(row, asked))


async def standing(connection: Connection, audience: Audience, identifiers: Sequence[uuid.UUID]) -> tuple[Hit, ...]:
    """Return those of some data sets that the caller sees now, in their order."""
    statement = _STANDING + visible(audience) + literal(" order by asked.place")
    if not identifiers:
        return ()
    rows = await connection.fetch(*_call(Fragment(statement.text, (list(identifiers), *statement.parameters))))
    return tuple(Hit(row["dataset_id"], (row["written"], row["told"])) for row in rows)


async def many_hits(connection: Connection, asked: Asked, part: Slice, most: int) -> tuple[uuid.UUID, ...]:
    """Return a part of many results: those with every phrase in the title first, each kind by freshness.

    Only as many rows are read as the part needs. An order other than by score is kept as it is asked for.
    """
    said = asked.phrases
    if not said or not part.order or part.order[0] != Sort(SortKey.SCORE, is_descending=True):
        return await _walk(connection, part, asked.where)
    titles = await _count_titled(connection, asked, most)
    if titles < most:
        first = await _best_titled(connection, asked, part, most)
    else:
        first = await _walk(connection, part, all_of((asked.where, ranking.titled(said, indexed=False))))
        if len(first) < part.limit:
            titles = await _count_titled(connection, asked, None)
    rest = Slice(part.limit - len(first), max(0, part.offset - titles), part.order)
    if not rest.limit:
        return first
    others = all_of((asked.where, negated(ranking.titled(said, indexed=False))))
    return first + await _walk(connection, rest, others)


async def _count_titled(connection: Connection, asked: Asked, most: int | None) -> int:
    """Count the results with every phrase in the title, up to a number."""
    where = all_of((asked.where, ranking.titled(asked.phrases, indexed=True)))
    found = literal("select count(*) from (select dataset.dataset_id") + _JOINED + where + _limited(most)
    return int(await connection.fetchval(*_call(found + literal(") titled"))))


async def _best_titled(connection: Connection, asked: Asked, part: Slice, most: int) -> tuple[uuid.UUID, ...]:
    """Return a part of the results with every phrase in the title, of which there are not many."""
    titles = ranking.titled(asked.phrases, indexed=True)
    row = await _read_few(connection, dataclasses.replace(asked, fields=()), part, most, titles)
    return tuple(hit.dataset_id for hit in _page_of(row))


async def _walk(connection: Connection, part: Slice, where: Fragment) -> tuple[uuid.UUID, ...]:
    """Read rows in order until the part is full."""
    order = Fragment(f" order by {order_by(part.order)}") + literal(" limit $1 offset $2", part.limit, part.offset)
    rows = await connection.fetch(*_call(literal("select dataset.dataset_id") + _JOINED + where + order))
    return tuple(row["dataset_id"] for row in rows)


def _limited(most: int | None) -> Fragment:
    return literal("") if most is None else literal(" limit $1", most)


def _hits(fields: Sequence[Field], columns: Iterable[Fragment], where: Fragment) -> Fragment:
    """Select the results: what counts need of them, and other columns."""
    counted = (Fragment(f"{COUNTED[each]} as {_label(each)}") for each in fields)
    return literal("select ") + join(", ", (*columns, *counted)) + _JOINED + where


async def _read_few(
    connection: Connection, asked: Asked, part: Slice, most: int, also: Fragment = TRUE
) -> Mapping[str, Any]:
    """Run the one statement: the total, the part's identifiers, the values of the fields that are counted.

    Values of a thousand results are sooner counted here than planned to be counted there. Of more than `most` results
    neither is of use.
    """
    said, where = asked.phrases, all_of((asked.where, also))
    text = _few_text(asked.fields, part.order, len(said), where.text, len(where.parameters))
    given = (*ranking.sought(said), *where.parameters, most + 1, part.limit, part.offset)
    row: Mapping[str, Any] = await connection.fetchrow(text, *given)
    return row


@lru_cache(maxsize=1024)
def _few_text(fields: tuple[Field, ...], order: tuple[Sort, ...], phrases: int, where: str, parameters: int) -> str:
    """Write the statement once for all searches of one form: for so many phrases and parameters of the condition."""
    places = [Fragment(ranking.places(phrases), (None,) * 2 * phrases)] if phrases else []
    columns = [Fragment(_columns(order, ranking.ENDS if phrases else ())), *places]
    hits = _hits(fields, columns, Fragment(where, (None,) * parameters))
    page = Fragment(_PAGE.format(order_by=order_by(order, ranking.best(phrases))), (None, None))
    gathered = join(", ", [literal("count(*) as total"), *(Fragment(_values(each)) for each in fields)])
    counted = enclosed(" from (select ", gathered, " from hits) counted")
    return (_among(hits + literal(" limit $1", None)) + literal("select counted.*, ") + page + counted).text


def _columns(order: tuple[Sort, ...], also: tuple[str, ...]) -> str:
    """Name the columns that hits are ordered by, and other ones, with their versions."""
    names = dict.fromkeys(("dataset_id", SORTED[SortKey.NAME], *(SORTED[each.key] for each in order), *also))
    return ", ".join([*(f"dataset.{name}" for name in names), "dataset.xmin as written, tenant.xmin as told"])


def _among(hits: Fragment) -> Fragment:
    return enclosed("with hits as materialized (", hits, ") ")


@cache
def _values(field: Field) -> str:
    """Gather the values of a field; those of a column with several for each row are arrays in JSON."""
    label = _label(field)
    gathered = f"json_agg({label})" if field in ARRAYS else f"array_agg({label}) filter (where {label} is not null)"
    return f"{gathered} as {label}"


@cache
def _facet(field: Field) -> str:
    """Count the values of a field: the most frequent first, as pairs in JSON."""
    label = _label(field)
    return _FACET.format(label=label, held=f"unnest({label})" if field in ARRAYS else label)


def _label(field: Field) -> str:
    return f"by_{field}"


def _page_of(row: Mapping[str, Any]) -> tuple[Hit, ...]:
    return tuple(Hit(uuid.UUID(each), (written, told)) for each, written, told in row["page"] or ())


def _counts(row: Mapping[str, Any], asked: Asked) -> dict[Field, Counts]:
    return {each: tuple((str(v), int(n)) for v, n in row[_label(each)] or ()) for each in asked.fields}


def _call(statement: Fragment) -> tuple[object, ...]:
    return statement.text, *statement.parameters
