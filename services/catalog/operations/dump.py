"""All data sets in turn, a part at a time, however many there are."""

from collections.abc import AsyncIterator

from services.catalog.dcat.catalogue import Members
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import Condition
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.find import find_after, neighbours
from services.catalog.store.session import reading

AT_ONCE = 200


async def dump(catalogue: Catalogue, audience: Audience, condition: Condition) -> AsyncIterator[Members]:
    """Yield all data sets in parts, each read by itself: no transaction stays open while a client reads slowly."""
    after: Dataset | None = None
    while True:
        async with reading(catalogue.engine) as connection:
            part = await find_after(connection, audience, condition, after, AT_ONCE)
            spoken_of = await neighbours(connection, audience, part)
        if not part:
            return
        yield Members(part, spoken_of)
        if len(part) < AT_ONCE:
            return
        after = part[-1]
