"""What broad searches find: counts and pages that are too costly to make for every caller anew."""

import uuid

import asyncpg

from services.catalog.domain.query import Slice
from services.catalog.operations.kept import Kept
from services.catalog.store.hits import Asked, Hits, count_all, many_hits
from services.catalog.store.revision import revision
from services.kernel.postgres import session

MOST_COUNTED = 1000
"""Up to so many results are ranked and counted as a whole, for every search anew."""


class Tallies:
    """Counts and pages of the searches with more results than that."""

    def __init__(self, searches: asyncpg.Pool) -> None:
        self._searches = searches
        self.counts: Kept[Asked, Hits] = Kept(self._count, self._revision)
        self.pages: Kept[tuple[Asked, Slice], tuple[uuid.UUID, ...]] = Kept(self._page, self._revision)

    async def _revision(self) -> int:
        async with session(self._searches) as connection:
            return await revision(connection)

    async def _count(self, asked: Asked) -> Hits:
        async with session(self._searches) as connection:
            return await count_all(connection, asked)

    async def _page(self, question: tuple[Asked, Slice]) -> tuple[uuid.UUID, ...]:
        asked, part = question
        if not part.limit:
            return ()
        async with session(self._searches) as connection:
            return await many_hits(connection, asked, part, MOST_COUNTED)
