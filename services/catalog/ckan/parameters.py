"""The parameters of each action. From a query string all are text; a list may be JSON or a repeated parameter."""

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LARGEST = 2**53
MOST_ROWS = 1000


def _as_list(value: object) -> object:
    """Read a list that a query string carries as JSON, or as one bare name."""
    if not isinstance(value, str):
        return value
    if not value.strip().startswith("["):
        return [value]
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError("must be a list, or a list in JSON") from error


Texts = Annotated[list[str], BeforeValidator(_as_list), Field(max_length=50)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[int, Field(ge=0, le=LARGEST)]


class Parameters(BaseModel):
    """An action without parameters; unknown ones are left alone, as CKAN does."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Paging(Parameters):
    """Which part of a list."""

    limit: Number | None = Field(None, description="Most entries; none: all")
    offset: Number = Field(0, description="Entries to leave out before")


class PackageReference(Parameters):
    """A package."""

    id: Reference = Field(description="Identifier or name of the package", examples=["environmental_facilities"])


class PackageSearch(Parameters):
    """What to search for."""

    q: str = Field("*:*", description="Words, or `field:value`; all must hold", examples=["施設"])
    fq: str = Field("", description="Filter: `field:value`, joined by AND", examples=["organization:takamatsu"])
    fq_list: Texts = Field([], description="More filters")
    rows: Number = Field(10, description="Most packages in the answer; more than 1000 is read as 1000")
    start: Number = Field(0, description="Packages to leave out before")
    sort: str = Field("score desc, metadata_modified desc", description="`key asc|desc`, separated by commas")
    facet_field: Texts = Field([], alias="facet.field", description="Fields to count by", examples=[["tags"]])
    facet_limit: int = Field(50, alias="facet.limit", ge=-1, le=10_000, description="Most values of each; -1: all")
    facet: bool = Field(True, description="Whether to count at all")


class OrganizationList(Paging):
    """Which organizations."""

    all_fields: bool = Field(False, description="Whole objects in place of names")
    organizations: Texts = Field([], description="Only these")


class OrganizationReference(Parameters):
    """An organization."""

    id: Reference = Field(description="Name of the organization", examples=["takamatsu"])
    include_datasets: bool = Field(False, description="With its first ten packages")


class TagList(Parameters):
    """Which tags."""

    query: str = Field("", max_length=200, description="Only tags that contain this")
    all_fields: bool = Field(False, description="Whole objects in place of names")


class HelpReference(Parameters):
    """An action."""

    name: Reference = Field(description="Name of the action", examples=["package_search"])
