"""What records can be filtered by: the queryables, as parameters and in CQL2 (OGC 19-079r2; OGC 21-065r2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Final, Literal

from fastapi import Query

from services.catalog.cql2 import tree
from services.catalog.cql2.axes import Axes
from services.catalog.cql2.filter import condition_of
from services.catalog.cql2.json_form import read_json
from services.catalog.cql2.queryable import InstantProperty, PlaceProperty, Queryable, TextProperty, TimeProperty
from services.catalog.cql2.text import read_text
from services.catalog.dcat.record import TYPES, licence_of
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.comparison import Edge, Said, Text
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.query import AllOf, Condition
from services.kernel.errors import InvalidRequest

_TEXT: Final = {"type": "string"}
_INSTANT: Final = {"type": "string", "format": "date-time"}
QUERYABLES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "id": {**_TEXT, "format": "uuid", "title": "Identifier"},
        "type": {**_TEXT, "title": "`dataset`, `series` or `service`"},
        "title": {**_TEXT, "title": "Title, in Japanese where there is one"},
        "description": {**_TEXT, "title": "Description, in Japanese where there is one"},
        "created": {**_INSTANT, "title": "When the record was made"},
        "updated": {**_INSTANT, "title": "When the record last changed"},
        "license": {**_TEXT, "title": "Address of the licence, or `other`"},
        "keywords": {**_TEXT, "title": "One of the keywords"},
        "themes": {**_TEXT, "title": "Identifier of a concept of one of the themes, such as `ENVI`"},
        "formats": {**_TEXT, "title": "Name of one of the formats, such as `CSV`"},
        "geometry": {"format": "geometry-polygon", "title": "Area of the data"},
        "time": {"type": "object", "title": "Time that the data cover, an interval"},
    }
)
"""The JSON Schema of each. Those with a simple value are parameters too (OGC 19-079r2, clause 7)."""


@lru_cache(maxsize=8)
def queryables_of(addresses: Addresses) -> Mapping[str, Queryable]:
    """Return what filters compare, by the names of `QUERYABLES`; licences are told by their addresses."""
    licences = tuple((identifier, licence_of(identifier, addresses)) for identifier in LICENCES)
    return MappingProxyType(
        {
            "id": TextProperty(Said(Text.IDENTIFIER)),
            "type": TextProperty(Said(Text.KIND, tuple((kind.value, told) for kind, told in TYPES.items()))),
            "title": TextProperty(Said(Text.TITLE)),
            "description": TextProperty(Said(Text.DESCRIPTION)),
            "created": InstantProperty(Edge.CREATED),
            "updated": InstantProperty(Edge.CHANGED),
            "license": TextProperty(Said(Text.LICENCE, licences)),
            "keywords": TextProperty(Said(Text.KEYWORD)),
            "themes": TextProperty(Said(Text.THEME)),
            "formats": TextProperty(Said(Text.FORMAT), is_folded=True),
            "geometry": PlaceProperty(),
            "time": TimeProperty(),
        }
    )


@dataclass(frozen=True)
class Filtered:
    """Which records are wanted besides, by a filter and by queryables that are no core parameters."""

    title: Annotated[str | None, Query(description="The whole title", max_length=500)] = None
    description: Annotated[str | None, Query(description="The whole description", max_length=4000)] = None
    created: Annotated[str | None, Query(description="A date or an instant", max_length=40)] = None
    updated: Annotated[str | None, Query(description="A date or an instant", max_length=40)] = None
    licence: Annotated[
        str | None, Query(alias="license", description=QUERYABLES["license"]["title"], max_length=500)
    ] = None
    written: Annotated[str | None, Query(alias="filter", description="A CQL2 filter over the queryables")] = None
    language: Annotated[
        Literal["cql2-text", "cql2-json"], Query(alias="filter-lang", description="How the filter is written")
    ] = "cql2-text"
    axes: Annotated[Axes, Query(alias="filter-crs", description="The reference system of the filter's geometries")] = (
        Axes.CRS84
    )

    def condition(self, addresses: Addresses) -> Condition:
        """Return what is asked for as a query. Raises InvalidRequest."""
        queryables = queryables_of(addresses)
        equal: dict[str, str | None] = {
            "title": self.title,
            "description": self.description,
            "created": self.created,
            "updated": self.updated,
            "license": self.licence,
        }
        wanted = [_equal(name, value, queryables) for name, value in equal.items() if value is not None]
        if self.written is not None:
            read = read_json if self.language == "cql2-json" else read_text
            wanted.append(condition_of(read(self.written, self.axes), queryables))
        return AllOf(tuple(wanted))


def _equal(name: str, value: str, queryables: Mapping[str, Queryable]) -> Condition:
    try:
        return condition_of(tree.Call("=", (tree.Property(name, name), tree.Literal(value, name)), name), queryables)
    except InvalidRequest as error:
        raise InvalidRequest(f"{name} must be a date or an instant, as 2026-11-21T09:00:00Z", field=name) from error
