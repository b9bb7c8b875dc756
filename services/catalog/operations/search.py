"""Search: one use case for the API, CKAN's dialect and the portal."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import Field, Slice
from services.catalog.operations import tallies
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.facets import Counts
from services.catalog.store.hits import Asked, Hit, Hits, few_hits, standing
from services.catalog.store.read import read_found, tell
from services.catalog.store.searches import Turn
from services.kernel.postgres import Connection

Page = TypeVar("Page")


@dataclass(frozen=True, slots=True)
class Results:
    """How many data sets there are, those of the part that is wanted, and the counts by field."""

    total: int
    datasets: tuple[Dataset, ...]
    facets: Mapping[Field, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found(Generic[Page]):
    """What was asked when something was found, or last; where data sets are, and what was read of the part."""

    asked: Asked
    hits: Hits
    page: Page


async def look_up(
    catalogue: Catalogue,
    readings: Iterable[Asked],
    part: Slice,
    read: Callable[[Connection, Audience, Sequence[Hit]], Awaitable[Page]],
) -> Found[Page]:
    """Find data sets by the first reading of a question by which there are any, and read those of the part.

    All of it is one turn of a search. What is said of many results may be a minute old. Raises Unavailable.
    """
    async with catalogue.searches.turn() as turn:
        for asked in readings:
            hits = await _hits(catalogue, turn, asked, part)
            if hits.total:
                break
        return Found(asked, hits, await read(turn.connection, asked.audience, hits.page))


async def _hits(catalogue: Catalogue, turn: Turn, asked: Asked, part: Slice) -> Hits:
    broad = catalogue.tallies
    if asked not in broad.counts:
        hits = await few_hits(turn.connection, asked, part, tallies.MOST_COUNTED)
        if hits is not None:
            return hits
    is_kept = asked in broad.counts and (asked, part) in broad.pages
    async with nullcontext() if is_kept else turn.left():
        counted, identifiers = await broad.counts.get(asked), await broad.pages.get((asked, part))
    return dataclasses.replace(counted, page=await standing(turn.connection, asked.audience, identifiers))


async def search(catalogue: Catalogue, asked: Asked, part: Slice) -> Results:
    """Find data sets, and read them. Raises Unavailable."""
    found = await look_up(catalogue, (asked,), part, _datasets)
    return Results(found.hits.total, found.page, found.hits.facets)


async def _datasets(connection: Connection, audience: Audience, hits: Sequence[Hit]) -> tuple[Dataset, ...]:
    return await tell(connection, audience, await read_found(connection, [each.dataset_id for each in hits]))
