"""The routes that search: data sets with counts by field, and suggestions."""

import dataclasses
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from pydantic import Field as Parameter
from starlette.responses import Response

from services.catalog.api.area import box_of
from services.catalog.api.requests import OPTIONAL_TOKEN, AskedTenant, Reader, Responses, TheCatalogue
from services.catalog.api.search_views import SearchPage, Suggestions
from services.catalog.api.values import Moment
from services.catalog.api.views import dataset_view
from services.catalog.domain import wording
from services.catalog.domain.dataset import Kind, State
from services.catalog.domain.freshness import end_of, instant_of
from services.catalog.domain.publisher_slug import slug_of_tenant
from services.catalog.domain.query import (
    AllOf,
    AnyOf,
    Condition,
    During,
    Field,
    Intersects,
    Is,
    LateAt,
    Slice,
    Sort,
    SortKey,
)
from services.catalog.operations.search import Results, search
from services.catalog.operations.suggest import MOST_SUGGESTIONS, corrections, suggest
from services.catalog.store.hits import Asked
from services.kernel.errors import InvalidRequest
from services.kernel.paging import DEFAULT_LIMIT, MAXIMUM_LIMIT
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Data sets"])
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 503)}
_LARGEST = 2**53
_BEST = (Sort(SortKey.SCORE, is_descending=True), Sort(SortKey.MODIFIED, is_descending=True))
SORTS = {
    "relevance": _BEST,
    "modified": (Sort(SortKey.MODIFIED, is_descending=True),),
    "created": (Sort(SortKey.CREATED, is_descending=True),),
    "title": (Sort(SortKey.TITLE),),
}
FACETS = {
    "publisher": Field.ORGANIZATION,
    "theme": Field.THEME,
    "format": Field.FORMAT,
    "licence": Field.LICENCE,
    "kind": Field.KIND,
    "keyword": Field.TAG,
    "spatial": Field.SPATIAL,
}
FacetName = Literal["publisher", "theme", "format", "licence", "kind", "keyword", "spatial"]


class Filter(BaseModel):
    """Which data sets are asked for; what is left out does not matter. Of several values of one field, any will do."""

    q: str | None = Parameter(None, description='Words; `"…"` keeps words together, `-` leaves one out', max_length=500)
    kind: list[Kind] | None = Parameter(None, description="What an entry is", max_length=20)
    theme: list[str] | None = Parameter(None, description="EU theme code", examples=[["ENVI"]], max_length=20)
    licence: list[str] | None = Parameter(None, description="Licence identifier", max_length=20)
    format: list[str] | None = Parameter(None, description="Format, as `CSV`", max_length=20)
    keyword: list[str] | None = Parameter(None, description="Keyword", max_length=20)
    spatial: list[str] | None = Parameter(None, description="全国地方公共団体コード of the area", max_length=20)
    bbox: str | None = Parameter(
        None, description="Area: west,south,east,north in degrees", examples=["133.9,34.2,134.2,34.4"], max_length=200
    )
    start: Moment | None = Parameter(None, description="The data cover a time after this")
    end: Moment | None = Parameter(None, description="The data cover a time before this")
    late: bool = Parameter(False, description="Only data that should have been renewed by now")
    state: State = Parameter(State.PUBLISHED, description="Others than published ones need a grant")

    def condition(self, tenant: str | None, now: datetime) -> Condition:
        """Return the filter as a query. Raises InvalidRequest."""
        return AllOf((*wording.conditions_of(self.q or ""), *self.fields(tenant, now)))

    def fields(self, tenant: str | None, now: datetime) -> tuple[Condition, ...]:
        """Return all but the words as conditions. Raises InvalidRequest."""
        values: dict[Field, list[str] | list[Kind] | None] = {
            Field.KIND: self.kind,
            Field.THEME: self.theme,
            Field.LICENCE: self.licence,
            Field.FORMAT: self.format,
            Field.TAG: self.keyword,
            Field.SPATIAL: self.spatial,
            Field.ORGANIZATION: None if tenant is None else [slug_of_tenant(tenant)],
        }
        chosen: list[Condition] = [_any(field, wanted) for field, wanted in values.items() if wanted]
        if self.state is not State.PUBLISHED:
            chosen.append(Is(Field.STATE, self.state))
        if self.bbox is not None:
            chosen.append(Intersects(box_of(self.bbox)))
        if self.start or self.end:
            chosen.append(During(instant_of(self.start), end_of(self.end)))
        if self.late:
            chosen.append(LateAt(now.astimezone(UTC).replace(second=0, microsecond=0)))
        return tuple(chosen)


def _any(field: Field, wanted: list[str] | list[Kind]) -> Condition:
    found = tuple(Is(field, each) for each in dict.fromkeys(wanted))
    return found[0] if len(found) == 1 else AnyOf(found)


class Search(Filter):
    """What is searched for; which part of the results, in which order, counted by what."""

    limit: int = Parameter(DEFAULT_LIMIT, ge=1, le=MAXIMUM_LIMIT, description="Most data sets in the answer")
    offset: int = Parameter(0, ge=0, le=_LARGEST, description="How many to leave out before")
    sort: Literal["relevance", "modified", "created", "title"] = Parameter(
        "relevance", description="`relevance`: title, then keywords, description, names of columns; fresh data first"
    )
    facet: list[FacetName] | None = Parameter(None, description="Count the results by these fields", max_length=7)
    facet_limit: int = Parameter(20, ge=1, le=1000, description="Most values of each field")


@router.get(
    "/datasets",
    summary="Find data sets",
    response_model=SearchPage,
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
    description="Public data sets need no token. With one, the restricted ones of the tenants that it reads are found"
    " too. Words are found in Japanese without spaces, whatever their width, case and kind of kana, and under other"
    " words for the same thing in Japanese and English. Best matches come first. Where nothing has all words, a"
    " sentence is read without its particles (`relaxed`), and words that are known here are offered"
    " (`did_you_mean`). Counts of more than 1000 results may be a minute old.",
)
async def list_datasets(
    catalogue: TheCatalogue,
    audience: Reader,
    tenant: AskedTenant,
    chosen: Annotated[Search, Query()],
) -> Response:
    """Find data sets."""
    if chosen.state is not State.PUBLISHED:
        audience = audience.with_hidden()
    now = catalogue.clock()
    counted = tuple(FACETS[name] for name in dict.fromkeys(chosen.facet or ()))
    asked = Asked(audience, chosen.condition(tenant, now), counted, chosen.facet_limit)
    wanted = Slice(chosen.limit, chosen.offset, SORTS[chosen.sort])
    found, is_relaxed = await search(catalogue, asked, wanted), False
    offers: tuple[str, ...] = ()
    if not found.total and chosen.q:
        looser = wording.relaxed(chosen.q)
        if looser is not None:
            again = dataclasses.replace(asked, condition=AllOf((looser, *chosen.fields(tenant, now))))
            found, is_relaxed = await search(catalogue, again, wanted), True
        if not found.total:
            offers, is_relaxed = await corrections(catalogue, chosen.q), False
    page = _page(found, catalogue, chosen)
    page.relaxed, page.did_you_mean = is_relaxed, list(offers)
    return Response(page.model_dump_json(), media_type="application/json", headers={"Vary": "Authorization"})


def _page(found: Results, catalogue: TheCatalogue, part: Search) -> SearchPage:
    items = [dataset_view(each, catalogue.addresses) for each in found.datasets]
    counts = {name: dict(found.facets[field]) for name, field in FACETS.items() if field in found.facets}
    return SearchPage(total=found.total, limit=part.limit, offset=part.offset, items=items, facets=counts)


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
