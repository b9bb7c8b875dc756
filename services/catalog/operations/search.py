"""Search: one use case for the API, CKAN's dialect and the portal."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import Field, Slice
from services.catalog.operations import tallies
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.facets import Counts
from services.catalog.store.hits import Asked, Hits, few_hits, standing
from services.catalog.store.read import read_found
from services.kernel.postgres import session


@dataclass(frozen=True, slots=True)
class Results:
    """How many data sets there are, those of the part that is wanted, and the counts by field."""

    total: int
    datasets: tuple[Dataset, ...]
    facets: Mapping[Field, Counts] = field(default_factory=dict)


async def look_up(catalogue: Catalogue, asked: Asked, part: Slice) -> Hits:
    """Find where data sets are. What is said of many results may be a minute old. Raises Unavailable."""
    broad = catalogue.tallies
    if asked not in broad.counts:
        async with session(catalogue.searches) as connection:
            hits = await few_hits(connection, asked, part, tallies.MOST_COUNTED)
            if hits is not None:
                return hits
    counted, identifiers = await broad.counts.get(asked), await broad.pages.get((asked, part))
    async with session(catalogue.searches) as connection:
        page = await standing(connection, asked.audience, identifiers)
        return dataclasses.replace(counted, page=page)


async def search(catalogue: Catalogue, asked: Asked, part: Slice) -> Results:
    """Find data sets, and read them. Raises Unavailable."""
    hits = await look_up(catalogue, asked, part)
    async with session(catalogue.searches) as connection:
        datasets = await read_found(connection, [each.dataset_id for each in hits.page])
    return Results(hits.total, datasets, hits.facets)
