"""The routes of publishers as linked data: what their addresses in DCAT stand for."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.catalog.api.linked_data import NEGOTIATED, ONE, Suffix, as_rdf, negotiated
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, TheCatalogue
from services.catalog.api.services import Slug
from services.catalog.dcat.serialise import BY_SUFFIX, RdfFormat, serialise
from services.catalog.dcat.service import publisher_graph
from services.catalog.store.facets import publishers
from services.catalog.store.session import reading
from services.kernel.errors import NotFound

router = APIRouter(prefix="/organization", tags=["Linked data (DCAT-AP)"])


@router.get(
    "/{slug}.{suffix}",
    summary="Read a publisher as DCAT-AP 3",
    responses=ONE,
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_publisher(catalogue: TheCatalogue, audience: Reader, slug: Slug, suffix: Suffix) -> Response:
    """Read who a publisher is and which services its data can be had through."""
    return await _publisher(catalogue, audience, slug, BY_SUFFIX[suffix])


@router.get(
    "/{slug}",
    summary="Read a publisher in the form that the client accepts",
    responses={**ONE, **NEGOTIATED},
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def negotiate_publisher(request: Request, catalogue: TheCatalogue, audience: Reader, slug: Slug) -> Response:
    """Read what the address of a publisher in the catalogue stands for."""
    return await negotiated(request, partial(_publisher, catalogue, audience, slug))


async def _publisher(catalogue: TheCatalogue, audience: Reader, slug: str, form: RdfFormat) -> Response:
    async with reading(catalogue.engine) as connection:
        found = await publishers(connection, audience, slug)
    if not found:
        raise NotFound(f"Publisher {slug} does not exist")
    return as_rdf(serialise(publisher_graph(found[0].publisher, catalogue.addresses), form), form)
