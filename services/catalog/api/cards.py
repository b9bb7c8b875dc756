"""Data sets as clients read them, written as JSON once for each version of one."""

import uuid
from collections import OrderedDict
from collections.abc import Sequence

from services.catalog.api.views import dataset_json
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.audience import Audience
from services.catalog.domain.mention import named_by
from services.catalog.store.hits import Hit
from services.catalog.store.read import read_found, tell
from services.kernel.postgres import Connection

MOST_KEPT_BYTES = 128 * 1024 * 1024
"""So much is kept in memory, of some 2 kB for each: those that were found last."""


class Cards:
    """The written data sets that were found last. What was written to since is read anew.

    Those that name others are written for each caller: not everybody is told all names.
    """

    def __init__(self, addresses: Addresses, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._addresses = addresses
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[uuid.UUID, tuple[tuple[str, str], bytes]] = OrderedDict()

    async def of(self, connection: Connection, audience: Audience, hits: Sequence[Hit]) -> list[bytes]:
        """Return the data sets in their order, without those that are gone."""
        cards = {hit.dataset_id: card for hit in hits if (card := self._card(hit)) is not None}
        missing = [hit for hit in hits if hit.dataset_id not in cards]
        if not missing:
            return list(cards.values())
        cards |= await self._read(connection, audience, missing)
        return [cards[hit.dataset_id] for hit in hits if hit.dataset_id in cards]

    def _card(self, hit: Hit) -> bytes | None:
        known = self._kept.get(hit.dataset_id)
        if known is None or known[0] != hit.version:
            return None
        self._kept.move_to_end(hit.dataset_id)
        return known[1]

    async def _read(self, connection: Connection, audience: Audience, hits: Sequence[Hit]) -> dict[uuid.UUID, bytes]:
        versions = {hit.dataset_id: hit.version for hit in hits}
        datasets = await read_found(connection, tuple(versions))
        told = await tell(connection, audience, datasets)
        cards = {each.dataset_id: dataset_json(each, self._addresses) for each in told}
        for each in datasets:
            if not named_by(each.content):
                self._keep(each.dataset_id, versions[each.dataset_id], cards[each.dataset_id])
        return cards

    def _keep(self, identifier: uuid.UUID, version: tuple[str, str], card: bytes) -> None:
        _, earlier = self._kept.pop(identifier, (version, b""))
        self._kept[identifier] = version, card
        self._bytes += len(card) - len(earlier)
        while self._bytes > self._most_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
