"""The routes that hand out the whole catalogue in one piece, however large: N-Triples, data.json, site maps."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from xml.sax.saxutils import escape

import orjson
from fastapi import APIRouter, Path, Request
from rdflib import URIRef
from starlette.responses import Response, StreamingResponse

from services.catalog.api.requests import OPTIONAL_TOKEN, AskedKeywords, AskedTenant, Reader, Responses, TheCatalogue
from services.catalog.dcat.catalogue import Members, Presentation, add_catalogue, add_members
from services.catalog.dcat.data_json import HEAD, entry
from services.catalog.dcat.lines import Lines
from services.catalog.dcat.serialise import N_TRIPLES
from services.catalog.domain.audience import PUBLIC
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.publisher_slug import slug_of_tenant
from services.catalog.domain.query import AllOf, Condition, Field, Is, Slice, Sort, SortKey
from services.catalog.domain.tag import with_tags
from services.catalog.operations.dump import dump
from services.catalog.operations.services import all_services
from services.catalog.store.find import find, places
from services.catalog.store.session import reading
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Linked data (DCAT-AP)"])
_ORDER = (Sort(SortKey.CREATED),)
_ON_A_MAP = 10_000
_OF_SERVICES = "/sitemap-services.xml"
_XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _streams(media_type: str, description: str) -> Responses:
    content = {media_type: {"schema": {"type": "string"}}}
    return {
        200: {"description": description, "content": content},
        **{code: RESPONSES[code] for code in (400, 401, 503)},
    }


def _condition(tenant: str | None) -> Condition:
    return AllOf() if tenant is None else Is(Field.ORGANIZATION, slug_of_tenant(tenant))


@router.get(
    "/catalog/dump.nt",
    summary="Read the whole catalogue as one stream",
    responses=_streams("application/n-triples", "DCAT-AP 3 in N-Triples"),
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_dump(request: Request, catalogue: TheCatalogue, audience: Reader, tenant: AskedTenant) -> Response:
    """Read every data set that the caller sees as N-Triples, which every RDF tool reads line by line.

    Statements about vocabularies and publishers come again with each part. What changes while the stream runs may be
    in it or not; nothing is in it twice.
    """
    presentation: Presentation = request.app.state.presentation

    def write(members: Members | None) -> bytes:
        lines = Lines()
        if members is None:
            add_catalogue(lines, presentation)
        else:
            add_members(lines, URIRef(presentation.addresses.catalogue), presentation.addresses, members)
        return lines.written()

    async def parts() -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(write, None)
        async for members in dump(catalogue, audience, _condition(tenant)):
            yield await asyncio.to_thread(write, members)

    return StreamingResponse(parts(), media_type=N_TRIPLES.media_type, headers={"Vary": "Authorization"})


@router.get(
    "/data.json",
    summary="Read the whole catalogue as data.json",
    responses=_streams("application/json", "DCAT-US 1.1"),
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_data_json(
    catalogue: TheCatalogue, audience: Reader, tenant: AskedTenant, keywords: AskedKeywords = None
) -> Response:
    """Read every data set that the caller sees in the schema of `data.json`, version 1.1."""

    def write(dataset: Dataset) -> bytes:
        return orjson.dumps(entry(dataset if keywords is None else with_tags(dataset), catalogue.addresses))

    async def parts() -> AsyncIterator[bytes]:
        yield orjson.dumps(HEAD)[:-1] + b',"dataset":['
        separator = b""
        async for members in dump(catalogue, audience, _condition(tenant)):
            yield separator + b",".join(map(write, members.datasets))
            separator = b","
        yield b"]}"

    return StreamingResponse(parts(), media_type="application/json", headers={"Vary": "Authorization"})


@router.get(
    "/sitemap.xml",
    summary="List the site maps",
    responses=_streams("application/xml", "Index of site maps"),
    response_class=Response,
)
async def read_sitemap_index(catalogue: TheCatalogue) -> Response:
    """List the site maps of the public data sets, of 10,000 pages each, and that of services (sitemaps.org)."""
    async with reading(catalogue.engine) as connection:
        total = (await find(connection, PUBLIC, AllOf(), Slice(0, 0, _ORDER))).total
    count = max(1, -(-total // _ON_A_MAP))
    maps = "".join(
        f"<sitemap><loc>{catalogue.addresses.catalog}/sitemap-{number}.xml</loc></sitemap>"
        for number in range(1, count + 1)
    )
    maps += f"<sitemap><loc>{catalogue.addresses.catalog}{_OF_SERVICES}</loc></sitemap>"
    return _xml(f'<sitemapindex xmlns="{_XMLNS}">{maps}</sitemapindex>')


@router.get(
    _OF_SERVICES,
    summary="Read the site map of services",
    responses=_streams("application/xml", "Site map"),
    response_class=Response,
)
async def read_services_map(catalogue: TheCatalogue) -> Response:
    """List the pages of the services of all tenants that have public data sets."""
    found = await all_services(catalogue, PUBLIC)
    addresses = (escape(catalogue.addresses.service(each.publisher, each.kind)) for each in found)
    return _xml(f'<urlset xmlns="{_XMLNS}">{"".join(f"<url><loc>{each}</loc></url>" for each in addresses)}</urlset>')


@router.get(
    "/sitemap-{number}.xml",
    summary="Read a site map",
    responses={**_streams("application/xml", "Site map"), 404: RESPONSES[404]},
    response_class=Response,
)
async def read_sitemap(
    catalogue: TheCatalogue, number: Annotated[int, Path(ge=1, le=1_000_000, description="Which one, from 1")]
) -> Response:
    """List the pages of public data sets with the time of their last change."""
    part = Slice(_ON_A_MAP, (number - 1) * _ON_A_MAP, _ORDER)
    async with reading(catalogue.engine) as connection:
        found = await places(connection, PUBLIC, part)
    if not found and number > 1:
        raise NotFound(f"Site map {number} does not exist")
    pages = "".join(
        f"<url><loc>{escape(catalogue.addresses.dataset(each))}</loc><lastmod>{changed.date().isoformat()}</lastmod></url>"
        for each, changed in found
    )
    return _xml(f'<urlset xmlns="{_XMLNS}">{pages}</urlset>')


def _xml(body: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', media_type="application/xml")
