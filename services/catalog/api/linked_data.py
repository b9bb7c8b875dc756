"""The routes of the catalogue as linked data."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from services.catalog.api.requests import OPTIONAL_TOKEN, AskedKeywords, AskedTenant, Reader, Responses, TheCatalogue
from services.catalog.dcat.catalogue import Members, PageLinks, Presentation, catalogue_graph, dataset_graph
from services.catalog.dcat.schema_org import schema_org
from services.catalog.dcat.serialise import BY_SUFFIX, FORMATS, JSON_LD, RdfFormat, negotiate, serialise
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.freshness import instant_of
from services.catalog.domain.publisher_slug import slug_of_tenant
from services.catalog.domain.query import AllOf, Between, Condition, Field, Is, Moment, Slice, Sort, SortKey
from services.catalog.domain.tag import with_tags
from services.catalog.store.find import find, find_one, neighbours
from services.catalog.store.session import reading
from services.kernel.errors import InvalidRequest, NotFound
from services.kernel.problems import RESPONSES, problem

router = APIRouter(tags=["Linked data (DCAT-AP)"])
_ORDER = (Sort(SortKey.CREATED),)
_CONTENT = {form.media_type: {"schema": {"type": "string"}} for form in FORMATS}
_RDF: Responses = {
    200: {"description": "RDF", "content": _CONTENT},
    **{code: RESPONSES[code] for code in (400, 401, 503)},
}
ONE: Responses = {**_RDF, 404: RESPONSES[404]}
NEGOTIATED: Responses = {406: {"description": "No form of RDF that the client accepts"}}

Suffix = Annotated[str, Path(pattern=f"^({'|'.join(BY_SUFFIX)})$", description="Form of RDF")]
Profiles = Annotated[str | None, Query(description="`schemaorg`: in schema.org's words; only as JSON-LD")]
Reference = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="Identifier or name of a data set")]


@dataclass(frozen=True)
class Asked:
    """Which page of the catalogue is asked for, by whom."""

    catalogue: TheCatalogue
    audience: Reader
    tenant: AskedTenant
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1")] = 1
    limit: Annotated[int, Query(ge=1, le=1000, description="Most data sets on a page")] = 100
    modified_since: Annotated[
        str | None, Query(description="Only what changed since a date or date-time", examples=["2026-04-01"])
    ] = None
    keywords: AskedKeywords = None

    @property
    def condition(self) -> Condition:
        """All data sets, or those of one tenant, or those that changed. Raises InvalidRequest."""
        wanted: list[Condition] = []
        if self.tenant is not None:
            wanted.append(Is(Field.ORGANIZATION, slug_of_tenant(self.tenant)))
        if self.modified_since is not None:
            since = instant_of(self.modified_since)
            if since is None:
                raise InvalidRequest("modified_since must be a date or date-time in ISO 8601", field="modified_since")
            wanted.append(Between(Moment.MODIFIED, since))
        return AllOf(tuple(wanted))

    def written(self, dataset: Dataset) -> Dataset:
        """Return a data set as it is to be written."""
        return dataset if self.keywords is None else with_tags(dataset)

    def links(self, address: str, total: int) -> PageLinks:
        """Return the addresses of this page and its neighbours; an empty catalogue has one page."""
        last = max(1, -(-total // self.limit))
        kept = {"tenant": self.tenant, "modified_since": self.modified_since, "keywords": self.keywords}
        asked = {name: value for name, value in kept.items() if value is not None}

        def at(number: int) -> str:
            return f"{address}?{urlencode({**asked, 'page': number, 'limit': self.limit})}"

        return PageLinks(
            this=at(self.page),
            first=at(1),
            last=at(last),
            previous=at(min(self.page - 1, last)) if self.page > 1 else None,
            next=at(self.page + 1) if self.page < last else None,
            total=total,
            limit=self.limit,
        )


AskedPage = Annotated[Asked, Depends()]


@router.get(
    "/catalog",
    summary="Read the catalogue in the form that the client accepts",
    responses={**_RDF, **NEGOTIATED},
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def negotiate_catalogue(request: Request, asked: AskedPage) -> Response:
    """Read a page of the catalogue as JSON-LD (`application/ld+json`, also without a wish), Turtle or RDF/XML."""
    return await negotiated(request, partial(_catalogue, request, asked))


@router.get(
    "/catalog.{suffix}",
    summary="Read the catalogue as DCAT-AP 3",
    responses=_RDF,
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_catalogue(request: Request, suffix: Suffix, asked: AskedPage) -> Response:
    """Read a page of the catalogue; `hydra:next` leads to the next one. `tenant` narrows it to one publisher."""
    return await _catalogue(request, asked, BY_SUFFIX[suffix])


@router.get(
    "/dataset/{reference}.{suffix}",
    summary="Read a data set as DCAT-AP 3",
    responses=ONE,
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_described(
    catalogue: TheCatalogue, audience: Reader, reference: Reference, suffix: Suffix, profiles: Profiles = None
) -> Response:
    """Read a data set with its distributions and services, by its identifier or name."""
    if profiles == "schemaorg" and BY_SUFFIX[suffix] is JSON_LD:
        async with reading(catalogue.engine) as connection:
            found = await _one(connection, audience, reference)
        body = orjson.dumps(schema_org(found, catalogue.addresses), option=orjson.OPT_INDENT_2)
        return as_rdf(body, JSON_LD)
    return await _dataset(catalogue, audience, reference, BY_SUFFIX[suffix])


@router.get(
    "/dataset/{reference}",
    summary="Read a data set in the form that the client accepts",
    responses={**ONE, **NEGOTIATED},
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def negotiate_described(
    request: Request, catalogue: TheCatalogue, audience: Reader, reference: Reference
) -> Response:
    """Read what the address of a data set in the catalogue stands for."""
    return await negotiated(request, partial(_dataset, catalogue, audience, reference))


async def _catalogue(request: Request, asked: Asked, form: RdfFormat) -> Response:
    presentation: Presentation = request.app.state.presentation
    part = Slice(asked.limit, (asked.page - 1) * asked.limit, _ORDER)
    async with reading(asked.catalogue.engine) as connection:
        found = await find(connection, asked.audience, asked.condition, part)
        spoken_of = await neighbours(connection, asked.audience, found.datasets)
    members = Members(tuple(map(asked.written, found.datasets)), spoken_of)
    links = asked.links(f"{presentation.addresses.catalog}{request.url.path}", found.total)

    def write() -> bytes:
        return serialise(catalogue_graph(presentation, members, links), form)

    return as_rdf(await asyncio.to_thread(write), form)


async def _dataset(catalogue: TheCatalogue, audience: Reader, reference: str, form: RdfFormat) -> Response:
    async with reading(catalogue.engine) as connection:
        found = await _one(connection, audience, reference)
        spoken_of = await neighbours(connection, audience, [found])
    return as_rdf(serialise(dataset_graph(found, catalogue.addresses, spoken_of), form), form)


async def _one(connection: AsyncConnection, audience: Reader, reference: str) -> Dataset:
    found = await find_one(connection, audience, reference)
    if found is None:
        raise NotFound(f"Data set {reference} does not exist")
    return found


def as_rdf(body: bytes, form: RdfFormat) -> Response:
    """Answer with RDF."""
    return Response(body, media_type=form.media_type, headers={"Vary": "Accept, Authorization"})


async def negotiated(request: Request, write: Callable[[RdfFormat], Awaitable[Response]]) -> Response:
    """Answer with what is written in the form that the client accepts; 406 where none suits."""
    form = negotiate(request.headers.get("accept", ""))
    if form is None:
        return problem(406, f"The catalogue can be had as {', '.join(each.media_type for each in FORMATS)}")
    return await write(form)
