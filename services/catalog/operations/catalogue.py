"""What every use case of the catalogue works with."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access
from services.catalog.operations.lexicons import Lexicons
from services.catalog.operations.tallies import Tallies
from services.catalog.store.searches import Searches
from services.kernel.clock import Clock
from services.kernel.tenancy import TenantDirectory


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The database, the connections for searches, tenants, addresses, the clock, and who sees a live data set at first.

    `wants_second`: what is published must have been sent to review by somebody else.
    """

    engine: AsyncEngine
    searches: Searches
    tenants: TenantDirectory
    addresses: Addresses
    clock: Clock
    live_access: Access = Access.PUBLIC
    wants_second: bool = False
    tallies: Tallies = field(init=False, compare=False, repr=False)
    lexicons: Lexicons = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Keep counts of broad searches, and words, beside the database."""
        object.__setattr__(self, "tallies", Tallies(self.searches.pool))
        object.__setattr__(self, "lexicons", Lexicons(self.engine))
