"""What clients search for: filters, order, part, counts."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Parameter

from services.catalog.api.area import box_of
from services.catalog.api.values import Moment
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
from services.kernel.paging import DEFAULT_LIMIT, MAXIMUM_LIMIT

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

    model_config = ConfigDict(frozen=True)

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

    @property
    def counted(self) -> tuple[Field, ...]:
        """The fields that results are counted by."""
        return tuple(FACETS[name] for name in dict.fromkeys(self.facet or ()))

    @property
    def part(self) -> Slice:
        """The part of the results, and their order."""
        return Slice(self.limit, self.offset, SORTS[self.sort])
