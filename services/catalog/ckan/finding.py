"""Packages and organizations by their names or identifiers."""

from services.catalog.ckan.identifiers import organization_name
from services.catalog.ckan.site import Visit
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.store.facets import PublisherCount, publishers
from services.catalog.store.find import find_one
from services.catalog.store.session import reading
from services.kernel.errors import NotFound


async def find_package(visit: Visit, audience: Audience, reference: str) -> Dataset:
    """Return the data set that a package is, as an audience sees it. Raises NotFound."""
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find_one(connection, audience, reference)
    if found is None:
        raise NotFound(f"Package {reference} does not exist")
    return found


async def known_package(visit: Visit, reference: str) -> Dataset:
    """Return a data set as its editors see it. Raises NotFound."""
    return await find_package(visit, visit.audience.with_hidden(), reference)


async def find_organization(visit: Visit, reference: str) -> PublisherCount:
    """Return the publisher that an organization is, with how many packages the caller sees. Raises NotFound."""
    name = await organization_name(visit, reference)
    async with reading(visit.site.catalogue.engine) as connection:
        found = await publishers(connection, visit.audience, name)
    if not found:
        raise NotFound(f"Organization {reference} does not exist")
    return found[0]
