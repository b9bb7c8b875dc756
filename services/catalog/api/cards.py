"""Data sets as clients read them, written as JSON once for each version of one."""

import uuid
from collections import OrderedDict
from collections.abc import Sequence

from services.catalog.api.views import dataset_view
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.hits import Hit
from services.catalog.store.read import read_found
from services.kernel.postgres import session

MOST_KEPT = 20_000
"""So many are kept in memory, of some 2 kB each: those that were found last."""


class Cards:
    """The written data sets that were found last. What was written to since is read anew."""

    def __init__(self, catalogue: Catalogue, most: int = MOST_KEPT) -> None:
        self._catalogue = catalogue
        self._most = most
        self._kept: OrderedDict[uuid.UUID, tuple[tuple[str, str], bytes]] = OrderedDict()

    async def of(self, hits: Sequence[Hit]) -> list[bytes]:
        """Return the data sets in their order, without those that are gone. Raises Unavailable."""
        cards = {hit.dataset_id: self._kept[hit.dataset_id][1] for hit in hits if self._has(hit)}
        for known in cards:
            self._kept.move_to_end(known)
        missing = [hit for hit in hits if hit.dataset_id not in cards]
        if missing:
            cards |= await self._read(missing)
        return [cards[hit.dataset_id] for hit in hits if hit.dataset_id in cards]

    def _has(self, hit: Hit) -> bool:
        known = self._kept.get(hit.dataset_id)
        return known is not None and known[0] == hit.version

    async def _read(self, hits: Sequence[Hit]) -> dict[uuid.UUID, bytes]:
        versions = {hit.dataset_id: hit.version for hit in hits}
        async with session(self._catalogue.searches) as connection:
            datasets = await read_found(connection, tuple(versions))
        addresses = self._catalogue.addresses
        cards = {each.dataset_id: dataset_view(each, addresses).model_dump_json().encode() for each in datasets}
        for identifier, card in cards.items():
            self._kept[identifier] = versions[identifier], card
            self._kept.move_to_end(identifier)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return cards
