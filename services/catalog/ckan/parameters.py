"""The parameters of each action. From a query string all are text; a list may be JSON or a repeated parameter."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from services.catalog.domain.dataset import Box, is_on_earth

LARGEST = 2**53
MOST_ROWS = 1000
FIRST_PACKAGES = 10


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


def _as_object(value: object) -> object:
    """Read an object that a query string carries as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value or "{}")
    except ValueError as error:
        raise ValueError("must be an object, or an object in JSON") from error


def _as_columns(value: object) -> object:
    """Read names that stand in one text with commas between; a comma within quotation marks is part of a name."""
    if not isinstance(value, str) or value.strip().startswith("["):
        return _as_list(value)
    return [each.strip() for each in _NAME.findall(value) if each.strip()]


def _as_words(value: object) -> object:
    """Read words, or an object of words by column, which a query string carries as JSON."""
    if not isinstance(value, str) or not value.strip().startswith("{"):
        return value
    return _as_object(value)


def _as_area(value: object) -> object:
    """Read west,south,east,north."""
    return value.split(",") if isinstance(value, str) else value


def _on_earth(box: Box) -> Box:
    if not is_on_earth(box):
        raise ValueError("must lie within 180 and 90 degrees, south before north")
    return box


_NAME = re.compile(r'(?:"[^"]*"|[^,"])+')
Word = Annotated[str, Field(max_length=500)]
Words = Annotated[Word | dict[str, Word], BeforeValidator(_as_words)]
Columns = Annotated[list[Word], BeforeValidator(_as_columns), Field(max_length=50)]
Filters = Annotated[dict[str, Any], BeforeValidator(_as_object), Field(max_length=20)]
Texts = Annotated[list[str], BeforeValidator(_as_list), Field(max_length=50)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Area = Annotated[tuple[Degrees, Degrees, Degrees, Degrees], BeforeValidator(_as_area), AfterValidator(_on_earth)]


class Parameters(BaseModel):
    """An action without parameters; unknown ones are left alone, as CKAN does."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Paging(Parameters):
    """Which part of a list."""

    limit: Number | None = Field(None, description="Most entries; none: all")
    offset: Number = Field(0, description="Entries to leave out before")


class PackageReference(Parameters):
    """A package."""

    id: Reference = Field(
        validation_alias=AliasChoices("id", "name_or_id"),
        description="Identifier or name of the package; also as `name_or_id`",
        examples=["environmental_facilities"],
    )


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
    facet_mincount: Number = Field(1, alias="facet.mincount", description="Only values that so many packages have")
    facet: bool = Field(True, description="Whether to count at all")
    ext_bbox: Area | None = Field(None, description="Area that packages touch: west,south,east,north in degrees")


class OrganizationList(Paging):
    """Which organizations."""

    all_fields: bool = Field(False, description="Whole objects in place of names")
    organizations: Texts = Field([], description="Only these")
    sort: str = Field("name asc", max_length=50, description="`name`, `title` or `package_count`, `asc` or `desc`")


class OrganizationReference(Parameters):
    """An organization."""

    id: Reference = Field(description="Name of the organization", examples=["takamatsu"])
    include_datasets: bool = Field(False, description="With its first ten packages")


class TagList(Parameters):
    """Which tags."""

    query: str = Field("", max_length=200, description="Only tags that contain this")
    all_fields: bool = Field(False, description="Whole objects in place of names")


class ThingReference(Parameters):
    """One thing."""

    id: Reference = Field(description="Its identifier or name")


class TagReference(ThingReference):
    """A tag."""

    include_datasets: bool = Field(False, description="With its first ten packages")


class PackageDocument(Parameters):
    """A package, as `package_show` returns it."""

    model_config = ConfigDict(extra="allow")

    @property
    def document(self) -> dict[str, Any]:
        """The package as it was sent."""
        return dict(self.model_extra or {})


class ResourceDocument(PackageDocument):
    """A resource, as `resource_show` returns it."""


class PackageRevision(PackageDocument):
    """A change of a package on a condition."""

    match: dict[str, Any] = Field({}, description="What the package must have, its `id` or `name` among it")
    filter: Texts = Field([], description="`-name` takes a member away, `+name` keeps it")
    update: dict[str, Any] = Field({}, description="Members to write; `update__a__b` writes within them")

    def flat(self, prefix: str) -> dict[str, Any]:
        """Return the flattened members below a prefix, by the rest of their names."""
        start = f"{prefix}__"
        return {name.removeprefix(start): value for name, value in self.document.items() if name.startswith(start)}


class ResourceSearch(Parameters):
    """Which resources."""

    query: Texts = Field(description="`field:value`, each of which must hold", examples=[["format:csv"]])
    limit: int = Field(1000, ge=0, le=MOST_ROWS, description="Most resources in the answer")
    offset: Number = Field(0, description="Resources to leave out before")


class DatastoreSearch(Parameters):
    """Which rows of a resource."""

    resource_id: Reference = Field(
        validation_alias=AliasChoices("resource_id", "id"), description="Identifier of the resource; also as `id`"
    )
    filters: Filters = Field({}, description="Columns with a value, or with several of which one is to match")
    q: Words = Field("", description="Words that a row must contain, or an object of words by column")
    full_text: str = Field("", max_length=500, description="Words that a row must contain, beside a `q` by column")
    fields: Columns = Field([], description="Only these columns, in this order; a list, or separated by commas")
    sort: Columns = Field([], description="`column asc|desc`; a list, or separated by commas")
    distinct: bool = Field(False, description="Leave out rows that have the same cells in `fields` as another")
    limit: int = Field(100, ge=0, description="Most rows; more than 1000 is read as 1000")
    offset: Number = Field(0, description="Rows to leave out before")
    include_total: bool = Field(True, description="Whether to count all rows")
    records_format: Literal["objects", "lists", "csv", "tsv"] = Field("objects", description="How rows are written")

    @field_validator("limit")
    @classmethod
    def _at_most(cls, limit: int) -> int:
        return min(limit, MOST_ROWS)


class NewApiToken(Parameters):
    """An API token to be made."""

    user: Reference = Field(description="The caller's identifier or login; nobody makes tokens for others")
    name: str = Field(min_length=1, max_length=200, description="What it is for")
    expires_in: int = Field(0, ge=0, le=LARGEST, description="How many units it lasts; 0: until it is revoked")
    unit: int = Field(1, ge=1, le=LARGEST, description="Seconds in a unit")


class ApiTokenOwner(Parameters):
    """Whose API tokens."""

    user_id: Reference = Field(
        validation_alias=AliasChoices("user_id", "user"), description="The person's identifier or login; also as `user`"
    )


class ApiTokenReference(Parameters):
    """An API token."""

    jti: str | None = Field(None, max_length=100, description="Its identifier, which counts before `token`")
    token: str | None = Field(None, max_length=200, description="The token itself")


class DatastoreReference(Parameters):
    """A resource with rows."""

    resource_id: Reference = Field(
        validation_alias=AliasChoices("id", "resource_id"), description="Identifier of the resource; also as `id`"
    )
    include_meta: bool = Field(True, description="With the number of rows")
    include_fields_schema: bool = Field(True, description="With each column's native type")


class Autocomplete(Parameters):
    """What names begin with or contain."""

    q: str = Field("", max_length=200, description="Part of a name or title")
    limit: int = Field(10, ge=1, le=100, description="Most entries")


class Membership(Parameters):
    """What the caller may do in an organization."""

    permission: str = Field("manage_group", max_length=50, description="Ignored: whoever is listed may publish")
    id: str | None = Field(None, max_length=200, description="Ignored: the list is the caller's own")


class GroupList(Paging):
    """Which groups."""

    all_fields: bool = Field(False, description="Whole objects in place of names")
    groups: Texts = Field([], description="Only these")


class GroupReference(ThingReference):
    """A group."""

    include_datasets: bool = Field(False, description="With its first ten packages")


class GroupPackages(ThingReference):
    """The packages of a group."""

    limit: int = Field(100, ge=0, le=MOST_ROWS, description="Most packages in the answer")


class HelpReference(Parameters):
    """An action."""

    name: Reference = Field(description="Name of the action", examples=["package_search"])
