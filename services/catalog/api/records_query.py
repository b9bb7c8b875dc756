"""What is asked of OGC API - Records: the core query parameters, equality of queryables, and the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query

from services.catalog.api.records_filter import QUERYABLES, Filtered
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Box, Kind
from services.catalog.domain.freshness import end_of, instant_of
from services.catalog.domain.query import (
    AllOf,
    AnyOf,
    Condition,
    During,
    Field,
    Intersects,
    Is,
    Slice,
    Sort,
    SortKey,
    Words,
)
from services.kernel.errors import InvalidRequest

SORTABLES: Mapping[str, SortKey] = {
    "id": SortKey.IDENTIFIER,
    "title": SortKey.TITLE,
    "created": SortKey.CREATED,
    "updated": SortKey.MODIFIED,
}
"""What records can be ordered by, as the records name it."""
DEFAULT_ORDER = Sort(SortKey.MODIFIED, is_descending=True)
_KINDS = {"dataset": (Kind.FILE, Kind.LIVE), "series": (Kind.SERIES,), "service": (Kind.SERVICE,)}


def _about(queryable: str) -> str:
    return QUERYABLES[queryable]["title"]


async def form_of_answer(
    form: Annotated[
        Literal["json", "geojson"] | None,
        Query(alias="f", description="Form of the answer, as clients that do not negotiate ask for it; there is one"),
    ] = None,
) -> None:
    """Take the form of the answer. Raises InvalidRequest for another than ours."""


@dataclass(frozen=True)
class Asked:
    """Which records are asked for (clause 7.5, query parameters)."""

    filtered: Annotated[Filtered, Depends()]
    bbox: Annotated[str | None, Query(description="West, south, east, north in degrees", max_length=200)] = None
    when: Annotated[
        str | None, Query(alias="datetime", description="An instant, or an interval with `..` for an open end")
    ] = None
    q: Annotated[
        str | None, Query(description="Words in this order; alternatives are separated by commas", max_length=500)
    ] = None
    kind: Annotated[
        str | None, Query(alias="type", description="`dataset`, `series`, `service`; several by commas")
    ] = None
    ids: Annotated[str | None, Query(description="Identifiers, separated by commas", max_length=4000)] = None
    identifier: Annotated[str | None, Query(alias="id", description=_about("id"), max_length=50)] = None
    external_ids: Annotated[
        str | None,
        Query(alias="externalIds", description="The data sets' addresses, separated by commas", max_length=4000),
    ] = None
    keywords: Annotated[str | None, Query(description=_about("keywords"), max_length=200)] = None
    themes: Annotated[str | None, Query(description=_about("themes"), max_length=50)] = None
    formats: Annotated[str | None, Query(description=_about("formats"), max_length=100)] = None
    sortby: Annotated[
        str | None,
        Query(description=f"Keys of {', '.join(SORTABLES)}, `-` before one: descending", max_length=200),
    ] = None
    limit: Annotated[int, Query(ge=1, le=1000, description="Most records in the answer")] = 10
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Records to leave out before")] = 0

    def condition(self, addresses: Addresses) -> Condition:
        """Return what is asked for as a query. Raises InvalidRequest."""
        wanted: list[Condition] = []
        if self.bbox is not None:
            wanted.append(Intersects(_box(self.bbox)))
        if self.when is not None:
            wanted.append(During(*_interval(self.when)))
        if self.q is not None:
            wanted.append(AnyOf(tuple(Words(" ".join(each.split())) for each in self.q.split(",") if each.strip())))
        if self.kind is not None:
            wanted.append(AnyOf(tuple(Is(Field.KIND, kind) for kind in _kinds(self.kind))))
        identifiers = (self.ids, self.identifier, _own(self.external_ids, addresses))
        wanted += [_is_one_of(each) for each in identifiers if each is not None]
        equal = ((Field.TAG, self.keywords), (Field.THEME, self.themes), (Field.FORMAT, self.formats))
        wanted += [Is(field, value) for field, value in equal if value is not None]
        return AllOf((*wanted, self.filtered.condition(addresses)))

    def part(self) -> Slice:
        """Return the page that is asked for, in its order. Raises InvalidRequest."""
        keys = [each.strip() for each in (self.sortby or "").split(",") if each.strip()]
        return Slice(self.limit, self.offset, tuple(map(_sort, keys)) or (DEFAULT_ORDER,))


def _is_one_of(identifiers: str) -> Condition:
    return AnyOf(tuple(Is(Field.IDENTIFIER, each.strip()) for each in identifiers.split(",")))


def _sort(key: str) -> Sort:
    name = key.removeprefix("-") if key.startswith("-") else key.removeprefix("+")
    if name not in SORTABLES:
        raise InvalidRequest(f"sortby must be of {', '.join(SORTABLES)}, not {name:.50}", field="sortby")
    return Sort(SORTABLES[name], key.startswith("-"))


def _own(addresses_asked: str | None, addresses: Addresses) -> str | None:
    """Return the identifiers of the data sets that have some addresses; another address is nobody's."""
    if addresses_asked is None:
        return None
    base = f"{addresses.catalog}/dataset/"
    asked = (each.strip() for each in addresses_asked.split(","))
    return ",".join(each.removeprefix(base) if each.startswith(base) else "" for each in asked)


def _box(text: str) -> Box:
    """Read a box of four numbers, or of six with heights, which are left out. Raises InvalidRequest."""
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    is_right = len(numbers) == 4 and all(abs(each) <= 360 for each in numbers) and numbers[1] <= numbers[3]
    if not is_right:
        raise InvalidRequest("bbox must be west,south,east,north in degrees", field="bbox")
    return (numbers[0], numbers[1], numbers[2], numbers[3])


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Read an instant or an interval (RFC 3339; `..` or nothing: open). Raises InvalidRequest."""
    start, slash, end = text.partition("/")
    ends = (start, end) if slash else (start, start)
    found = [None if each in ("", "..") else read(each) for each, read in zip(ends, (instant_of, end_of), strict=True)]
    is_wrong = any(each not in ("", "..") and value is None for each, value in zip(ends, found, strict=True))
    if is_wrong or (not slash and start in ("", "..")):
        raise InvalidRequest("datetime must be an instant, or an interval as 2024-01-01/..", field="datetime")
    return found[0], found[1]


def _kinds(text: str) -> list[Kind]:
    """Return the kinds that types mean; an unknown type means none."""
    return [kind for each in text.split(",") for kind in _KINDS.get(each.strip(), ())]
