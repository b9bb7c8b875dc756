"""The pages that everybody reads."""

import asyncio
import uuid
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.catalog.dcat.schema_org import schema_org
from services.catalog.domain.audience import Audience
from services.catalog.domain.data_service import services_for, services_of
from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.live import distributions_of
from services.catalog.domain.query import AllOf, Field, Is, LateAt, Slice, Sort, SortKey
from services.catalog.domain.stored_file import StoredFile
from services.catalog.operations.files import find_readable, list_files
from services.catalog.operations.live_file import find_live
from services.catalog.operations.search import search
from services.catalog.portal.editor.guard import administers
from services.catalog.portal.looks import look_places, shown_looks
from services.catalog.portal.page import Page
from services.catalog.portal.preview import Table, places_of, preview_file, preview_live
from services.catalog.portal.related import related
from services.catalog.portal.results import BEST, FACETS, PAGE, Question, answer
from services.catalog.portal.site import Site, audience
from services.catalog.portal.snippets import snippets
from services.catalog.quality.score import score
from services.catalog.store.facets import publishers
from services.catalog.store.find import find_one
from services.catalog.store.hits import Asked
from services.catalog.store.session import reading
from services.catalog.store.versions import versions_of
from services.catalog.vocabularies.schemes import schemes
from services.kernel.errors import NotFound

_NEWS = 5
_MOST_LATE = 200


async def home(request: Request) -> Response:
    """Show what is here: figures, themes, cities, what is new."""
    page = Page.of(request)
    seen = await audience(request, page.site)
    asked = Asked(seen, AllOf(), (Field.ORGANIZATION, Field.THEME, Field.KIND), 0)
    found = await search(page.site.catalogue, asked, Slice(_NEWS, 0, BEST))
    async with reading(page.site.catalogue.engine) as connection:
        cities = await publishers(connection, seen)
    counts = {field: dict(values) for field, values in found.facets.items()}
    return page.render("home.html", found=found, counts=counts, cities=cities, Field=Field, now=page.now)


async def results(request: Request) -> Response:
    """Show what a search finds."""
    page = Page.of(request)
    await asyncio.to_thread(schemes)  # reads the names of places the first time
    question = Question.of(request.query_params)
    seen = await audience(request, page.site)
    found = await answer(page.site.catalogue, seen, question)
    async with reading(page.site.catalogue.engine) as connection:
        owners = {each.publisher.slug: each.publisher for each in await publishers(connection, seen)}
    last = max(1, -(-found.results.total // PAGE))
    return page.render(
        "search.html", question=question, found=found, facets=FACETS, owners=owners, last=last, now=page.now
    )


async def dataset(request: Request) -> Response:
    """Show a data set."""
    page = Page.of(request)
    catalogue = page.site.catalogue
    seen = await audience(request, page.site)
    reference = str(request.path_params["reference"])
    async with reading(catalogue.engine) as connection:
        found = await find_one(connection, seen, reference)
        if found is None:
            raise NotFound(f"Data set {reference} does not exist")
        versions = await versions_of(connection, found)
    if reference != found.name:
        return RedirectResponse(f"/dataset/{found.name}", 302)
    forms = distributions_of(found, catalogue.addresses)
    files = await list_files(catalogue, seen, found.name)
    await asyncio.to_thread(schemes)  # reads the names of places the first time
    return page.render(
        "dataset.html",
        dataset=found,
        forms=forms,
        preview=await _preview(page, seen, found, files),
        looks=await shown_looks(catalogue, files),
        versions=versions,
        related=await related(catalogue, seen, found),
        quality=score(found, forms, catalogue.addresses.catalog),
        examples=snippets(found, page.site.address, forms),
        services=services_for(found),
        described=schema_org(found, catalogue.addresses),
        licence=LICENCES[found.content.licence],
        is_late=_is_late(found, page),
        has_type_page=found.live is not None and found.live.type_name in schemes()["entity-types"].concepts,
        now=page.now,
    )


async def _preview(page: Page, seen: Audience, found: Dataset, files: Sequence[StoredFile]) -> Table | None:
    if found.live is None:
        tables = (await preview_file(page.site.catalogue, file) for file in files if file.columns is not None)
        return await anext(tables, None)
    known = await find_live(page.site.catalogue, seen, found.name)
    return await preview_live(page.site.exports, known, page.language, page.request.headers.get("authorization"))


async def places(request: Request) -> Response:
    """Give the places in an uploaded file for its map."""
    site: Site = request.app.state.site()
    try:
        file_id = uuid.UUID(str(request.path_params["file_id"]))
    except ValueError as error:
        raise NotFound("There is no such file") from error
    file = await find_readable(site.catalogue, await audience(request, site), file_id)
    found = await (look_places if file.columns is None else places_of)(site.catalogue, file)
    return JSONResponse(found, media_type="application/geo+json")


def _is_late(found: Dataset, page: Page) -> bool:
    return found.due_at is not None and found.due_at < page.now


async def organizations(request: Request) -> Response:
    """Show who publishes."""
    page = Page.of(request)
    async with reading(page.site.catalogue.engine) as connection:
        found = await publishers(connection, await audience(request, page.site))
    return page.render("organizations.html", publishers=found)


async def organization(request: Request) -> Response:
    """Show a publisher with what it publishes."""
    page = Page.of(request)
    slug = str(request.path_params["slug"])
    seen = await audience(request, page.site)
    async with reading(page.site.catalogue.engine) as connection:
        found = await publishers(connection, seen, slug)
    if not found:
        raise NotFound(f"Publisher {slug} does not exist")
    asked = Asked(seen, Is(Field.ORGANIZATION, slug), (Field.THEME, Field.KIND), 0)
    shown = await search(page.site.catalogue, asked, Slice(PAGE, 0, BEST))
    live = Asked(seen, AllOf((Is(Field.ORGANIZATION, slug), Is(Field.KIND, Kind.LIVE))))
    types = await search(page.site.catalogue, live, Slice(PAGE, 0, BEST))
    return page.render(
        "organization.html",
        publisher=found[0].publisher,
        found=shown,
        types=types.datasets,
        services=services_of(found[0].publisher),
        is_administrator=await administers(request, page.site, found[0].publisher.name),
        now=page.now,
        Field=Field,
    )


async def late(request: Request) -> Response:
    """Show what should have been renewed by now, the longest overdue first."""
    page = Page.of(request)
    asked = Asked(await audience(request, page.site), LateAt(page.now.replace(second=0, microsecond=0)))
    found = await search(page.site.catalogue, asked, Slice(_MOST_LATE, 0, (Sort(SortKey.DUE),)))
    return page.render("late.html", found=found, now=page.now)


async def licences(request: Request) -> Response:
    """Show the terms of use in plain words."""
    return Page.of(request).render("licences.html", licences=LICENCES.values())


async def developers(request: Request) -> Response:
    """Show the ways in for programs."""
    page = Page.of(request)
    asked = Asked(await audience(request, page.site), Is(Field.KIND, Kind.LIVE))
    found = await search(page.site.catalogue, asked, Slice(1, 0, BEST))
    example = found.datasets[0] if found.datasets else None
    examples = snippets(example, page.site.address, ()) if example else ()
    return page.render("developers.html", example=example, examples=examples)
