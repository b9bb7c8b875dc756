"""The routes of the services through which a tenant's data can be had, as linked data."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.catalog.api.linked_data import NEGOTIATED, ONE, Suffix, as_rdf, negotiated
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, TheCatalogue
from services.catalog.dcat.catalogue import Members, service_graph
from services.catalog.dcat.serialise import BY_SUFFIX, RdfFormat, serialise
from services.catalog.domain.query import Slice, Sort, SortKey
from services.catalog.operations.services import find_service
from services.catalog.store.find import find, neighbours
from services.catalog.store.session import reading

router = APIRouter(prefix="/organization/{slug}/service", tags=["Linked data (DCAT-AP)"])
_MOST_SERVED = 100
_NEWEST = (Sort(SortKey.MODIFIED, is_descending=True),)
Slug = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,60}$", description="Publisher, as in its address")]
Kind = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,20}$", description="Interface", examples=["ngsi-ld"])]


@router.get(
    "/{kind}.{suffix}",
    summary="Read a service as DCAT-AP 3",
    responses=ONE,
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_service(catalogue: TheCatalogue, audience: Reader, slug: Slug, kind: Kind, suffix: Suffix) -> Response:
    """Read what a service is, where it answers, and the 100 data sets last changed that it serves.

    Services are `ngsi-ld`, `ngsi-v2`, `ckan`, `dcat` and `ogc-records`.
    """
    return await _service(catalogue, audience, (slug, kind), BY_SUFFIX[suffix])


@router.get(
    "/{kind}",
    summary="Read a service in the form that the client accepts",
    responses={**ONE, **NEGOTIATED},
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def negotiate_service(
    request: Request, catalogue: TheCatalogue, audience: Reader, slug: Slug, kind: Kind
) -> Response:
    """Read what the address of a service in the catalogue stands for."""
    return await negotiated(request, partial(_service, catalogue, audience, (slug, kind)))


async def _service(catalogue: TheCatalogue, audience: Reader, named: tuple[str, str], form: RdfFormat) -> Response:
    service = await find_service(catalogue, audience, *named)
    async with reading(catalogue.engine) as connection:
        found = await find(connection, audience, service.serves, Slice(_MOST_SERVED, 0, _NEWEST))
        spoken_of = await neighbours(connection, audience, found.datasets)
    graph = service_graph(service, catalogue.addresses, Members(found.datasets, spoken_of))
    return as_rdf(serialise(graph, form), form)
