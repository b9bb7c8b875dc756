"""Data maps drawn by schedule, so that there are earlier ones to hold the present one against."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.data_maps import renew_map
from services.catalog.operations.hub_facts import HubClients
from services.catalog.operations.rounds import run_rounds
from services.catalog.store.data_maps import due_tenants, forget
from services.catalog.store.session import reading, writing
from services.kernel.errors import HubError

_LOOK_S: Final = 600.0
_log = logging.getLogger("hiroba.catalog.datamap")


@dataclass(frozen=True, slots=True)
class MapRounds:
    """Draws the map of every tenant once in `every`, and forgets what was replaced longer than `kept` ago."""

    catalogue: Catalogue
    clients: HubClients
    every: timedelta
    kept: timedelta

    async def run(self) -> None:
        """Draw until cancelled; one replica at a time."""
        pause_s = min(self.every.total_seconds(), _LOOK_S)
        await run_rounds(self.catalogue.engine, "data maps", pause_s, self.round)

    async def round(self) -> None:
        """Draw the maps that are due, each for itself, then forget old ones. Raises Unavailable."""
        async with reading(self.catalogue.engine) as connection:
            due = await due_tenants(connection, self.catalogue.clock() - self.every)
        for name in due:
            try:
                await renew_map(self.catalogue, self.clients, name, 2 * self.every)
            except HubError as error:
                _log.warning("A data map is not drawn", extra={"tenant": name, "reason": error.detail})
        async with writing(self.catalogue.engine) as connection:
            await forget(connection, self.catalogue.clock() - self.kept)
