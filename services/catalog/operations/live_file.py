"""Finding what a download of a live data set needs."""

from dataclasses import dataclass

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset, Live
from services.catalog.domain.live_statistics import LiveStatistics
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.find import find_one
from services.catalog.store.live_statistics import statistics_of
from services.catalog.store.session import reading
from services.kernel.errors import NotFound

_NOTHING = LiveStatistics(0)


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A live data set, its entity type, and what is known of the entities."""

    dataset: Dataset
    live: Live
    statistics: LiveStatistics

    @property
    def units(self) -> dict[str, str]:
        """The unit code of each attribute that has one only."""
        return {each.name: each.units[0] for each in self.statistics.attributes if len(each.units) == 1}


async def find_live(catalogue: Catalogue, audience: Audience, reference: str) -> LiveFile:
    """Return a live data set that the audience may see. Raises NotFound, also for one that is not live."""
    async with reading(catalogue.engine) as connection:
        found = await find_one(connection, audience, reference)
        if found is None:
            raise NotFound(f"Data set {reference} does not exist")
        if found.live is None:
            raise NotFound(f"Data set {reference} is not live: it has no entities in the context broker")
        statistics = await statistics_of(connection, found.dataset_id)
    return LiveFile(found, found.live, statistics or _NOTHING)
