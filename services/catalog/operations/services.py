"""Finding the services through which a tenant's data can be had."""

from services.catalog.domain.audience import Audience
from services.catalog.domain.data_service import DataService, services_of
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.facets import publishers
from services.catalog.store.session import reading
from services.kernel.errors import NotFound


async def find_service(catalogue: Catalogue, audience: Audience, slug: str, kind: str) -> DataService:
    """Return a service of a publisher of whom the caller sees a data set. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        found = await publishers(connection, audience, slug)
    for each in found:
        for service in services_of(each.publisher):
            if service.kind == kind:
                return service
    raise NotFound(f"Service {kind} of {slug} does not exist")


async def all_services(catalogue: Catalogue, audience: Audience) -> list[DataService]:
    """Return the services of all publishers of whom the caller sees a data set."""
    async with reading(catalogue.engine) as connection:
        found = await publishers(connection, audience)
    return [service for each in found for service in services_of(each.publisher)]
