"""The routes that search: data sets with counts by field, and suggestions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.catalog.api.requests import OPTIONAL_TOKEN, AskedTenant, Reader, Responses, TheCatalogue
from services.catalog.api.search_answers import SearchAnswers
from services.catalog.api.search_query import Search
from services.catalog.api.search_views import SearchPage, Suggestions
from services.catalog.operations.suggest import MOST_SUGGESTIONS, suggest
from services.kernel.errors import InvalidRequest
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Data sets"])
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 503)}


@router.get(
    "/datasets",
    summary="Find data sets",
    response_model=SearchPage,
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
    description="Public data sets need no token. With one, the restricted ones of the tenants that it reads are found"
    " too. Words are found in Japanese without spaces, whatever their width, case and kind of kana, and under other"
    " words for the same thing in Japanese and English. Best matches come first. Where nothing has all words, a"
    " sentence is read without its particles, then without words as 一覧 (`relaxed`), and words that are known here are"
    " offered (`did_you_mean`). Counts of more than 1000 results may be a minute old.",
)
async def list_datasets(
    request: Request,
    audience: Reader,
    tenant: AskedTenant,
    chosen: Annotated[Search, Query()],
) -> Response:
    """Find data sets."""
    answers: SearchAnswers = request.app.state.search_answers
    return await answers.of(audience, tenant, chosen)


@router.get(
    "/suggestions",
    summary="Complete what is being typed",
    response_model=Suggestions,
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
    description="Keywords and titles of data sets that the caller sees, and words of the thesaurus, that contain what"
    " is typed; those that begin with it come first.",
)
async def list_suggestions(
    catalogue: TheCatalogue,
    audience: Reader,
    q: Annotated[str, Query(min_length=1, max_length=100, description="What has been typed", examples=["避難"])],
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS, description="Most suggestions")] = 8,
) -> Suggestions:
    """Complete what is being typed."""
    if "\x00" in q:
        raise InvalidRequest("q must not contain the character NUL", field="q")
    return Suggestions(suggestions=list(await suggest(catalogue, audience, q, limit)))
