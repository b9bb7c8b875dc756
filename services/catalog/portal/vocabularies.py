"""The pages of vocabularies: which there are, the words of one, and a type of entities with its model."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.catalog.domain.column_label import label
from services.catalog.domain.entity_type import known_type
from services.catalog.domain.query import Field, Is, Slice, Sort, SortKey
from services.catalog.domain.search_terms import normalise
from services.catalog.domain.unit_symbol import symbol
from services.catalog.domain.value_label import value_label
from services.catalog.operations.search import search
from services.catalog.portal.page import Page
from services.catalog.portal.site import audience
from services.catalog.store.hits import Asked
from services.catalog.vocabularies.models import example_of, models
from services.catalog.vocabularies.scheme import Concept
from services.catalog.vocabularies.schemes import schemes
from services.kernel.errors import NotFound

_PAGE = 100
_LONGEST = 100


async def overview(request: Request) -> Response:
    """Show which vocabularies there are."""
    found = await asyncio.to_thread(schemes)
    return Page.of(request).render("vocabularies.html", schemes=found.values())


async def words(request: Request) -> Response:
    """Show the words of a vocabulary, or those that contain what is asked for."""
    name = str(request.path_params["name"])
    scheme = (await asyncio.to_thread(schemes)).get(name)
    if scheme is None:
        raise NotFound(f"Vocabulary {name} does not exist")
    asked = request.query_params.get("q", "")[:_LONGEST]
    found = [each for each in scheme.concepts.values() if _has(each, normalise(asked))]
    number = request.query_params.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    last = max(1, -(-len(found) // _PAGE))
    page = min(max(page, 1), last)
    return Page.of(request).render(
        "vocabulary.html",
        scheme=scheme,
        asked=asked,
        total=len(found),
        concepts=found[(page - 1) * _PAGE : page * _PAGE],
        page=page,
        last=last,
        models=models() if name == "entity-types" else {},
    )


async def entity_type(request: Request) -> Response:
    """Show a type of entities: its model, an example, and the data sets that have it. Raises NotFound."""
    name = str(request.path_params["type_name"])
    concept = (await asyncio.to_thread(schemes))["entity-types"].concepts.get(name)
    if concept is None:
        raise NotFound(f"Entity type {name} is not in the vocabulary")
    page = Page.of(request)
    asked = Asked(await audience(request, page.site), Is(Field.ENTITY_TYPE, name))
    found = await search(page.site.catalogue, asked, Slice(_PAGE, 0, (Sort(SortKey.TITLE),)))
    model = models().get(name)
    return page.render(
        "entity_type.html",
        concept=concept,
        themes=known_type(name).themes,
        model=model,
        example=example_of(name) if model else "",
        datasets=found.datasets,
        now=page.now,
        label=label,
        value_label=value_label,
        symbol=symbol,
    )


def _has(concept: Concept, asked: str) -> bool:
    said = (concept.code, *concept.names.values(), *concept.others.values())
    return any(asked in normalise(each) for each in said)
