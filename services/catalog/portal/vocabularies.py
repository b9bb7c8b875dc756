"""The pages of vocabularies: which there are, and the words of one."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.catalog.domain.search_terms import normalise
from services.catalog.portal.page import Page
from services.catalog.vocabularies.models import models
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


def _has(concept: Concept, asked: str) -> bool:
    said = (concept.code, *concept.names.values(), *concept.others.values())
    return any(asked in normalise(each) for each in said)
