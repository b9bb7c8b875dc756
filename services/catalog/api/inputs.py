"""What clients send about data sets."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from services.catalog.api.input_parts import AgentInput, ContactInput, DistributionInput, Input
from services.catalog.api.values import (
    AgeSeconds,
    BoxValue,
    Code,
    Description,
    Descriptions,
    Extras,
    FrequencyCode,
    Keyword,
    Language,
    LicenceId,
    Moment,
    Name,
    Policy,
    ShortText,
    ThemeCode,
    Titles,
    UnitPath,
    Url,
    Urls,
)
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Access, Content, Kind, State
from services.catalog.operations.edit import Changes, Draft
from services.kernel.errors import InvalidRequest

_NO_CONTENT = {"name", "access", "state", "kind", "unit", "note"}
Provenance = Annotated[dict[Language, Description], Field(max_length=20)]
Names = Annotated[list[Name], Field(max_length=200)]


class DatasetInput(Input):
    """A data set to write: what DCAT-AP asks for is required."""

    titles: Titles = Field(description="Its title, by language", examples=[{"ja": "公園一覧", "en": "Parks"}])
    descriptions: Descriptions = Field(description="What it holds, by language", examples=[{"ja": "市内の公園"}])
    name: Name | None = Field(None, description="Its name in addresses; else derived, and never changed")
    kind: Literal["file", "series", "service"] = Field("file", description="What it is")
    state: Literal["draft", "review", "published", "private"] = Field(
        "published", description="How far it has come; only what is published is shown to others"
    )
    unit: UnitPath = Field("/", description="Service path of the department that looks after it", examples=["/parks"])
    note: ShortText | None = Field(None, description="What this version is about")
    licence: LicenceId = Field("notspecified", description="Terms of use, of `/licences`", examples=["CC-BY-4.0"])
    licence_text: ShortText | None = Field(None, description="The terms as the publisher words them")
    themes: list[ThemeCode] = Field([], max_length=13, description="EU themes, of `/themes`", examples=[["ENVI"]])
    keywords: list[Keyword] = Field([], max_length=100, description="Free keywords", examples=[["公園"]])
    languages: list[Language] = Field(["ja"], max_length=20, description="Languages of the data")
    spatial: Code | None = Field(None, description="Municipality; else the tenant's own", examples=["372013"])
    box: BoxValue | None = Field(None, description="Area: west, south, east, north in degrees (WGS 84)")
    temporal_start: Moment | None = Field(None, description="First moment that the data are about")
    temporal_end: Moment | None = Field(None, description="Last moment that the data are about")
    frequency: FrequencyCode | None = Field(None, description="How often it is renewed", examples=["MONTHLY"])
    max_age_s: AgeSeconds | None = Field(None, description="Seconds after which it is late; else by its frequency")
    issued: Moment | None = Field(None, description="When the data were first published", examples=["2024-04-01"])
    modified: Moment | None = Field(None, description="When the data last changed", examples=["2026-04-01"])
    contact: ContactInput | None = Field(None, description="Whom to ask")
    creator: AgentInput | None = Field(None, description="Who made it, if not the publisher")
    landing_page: Url | None = Field(None, description="The publisher's page about it")
    data_class: DataClass = Field(DataClass.NONE, description="Legal class of data about persons")
    policy: Policy | None = Field(None, description="ODRL 2.2 policy in JSON-LD")
    provenance: Provenance = Field({}, description="Where the data come from, by language")
    version_label: ShortText | None = Field(None, description="The publisher's own version", examples=["2026-04"])
    conforms_to: Urls = Field([], description="Standards that it keeps to")
    documentation: Urls = Field([], description="Pages that explain it")
    sources: Urls = Field([], description="Data that it was made from")
    source_system: ShortText | None = Field(None, description="The system that the data come from")
    series: Name | None = Field(None, description="Name of the series that it belongs to")
    endpoint_url: Url | None = Field(None, description="For a service: where it answers")
    endpoint_description: Url | None = Field(None, description="For a service: its OpenAPI document")
    serves: Names = Field([], description="For a service: names of the data sets that it serves")
    extras: Extras = Field({}, description="Whatever else is known, as name and value")
    distributions: list[DistributionInput] = Field([], max_length=200, description="The forms it can be had in")
    access: Access = Field(Access.PUBLIC, description="Who sees it: everybody, or who may read the tenant")

    def draft(self) -> Draft:
        """Return it as the domain's value. Raises InvalidRequest."""
        if self.kind == "service" and self.endpoint_url is None:
            raise InvalidRequest("endpoint_url is needed for a service", field="endpoint_url")
        values = {name: _value(getattr(self, name)) for name in type(self).model_fields if name not in _NO_CONTENT}
        values |= {name: values[name] or "" for name in _TEXTS}
        kind, state = Kind(self.kind), State(self.state)
        return Draft(Content(**values), self.name, self.access, kind, state, self.unit, self.note or "")


class DatasetPatch(Input):
    """What to change, as a JSON merge patch (RFC 7396): members that are left out stay, null empties."""

    _required: ClassVar[frozenset[str]] = frozenset({"titles", "descriptions", "state", "access", "unit"})

    titles: Titles | None = Field(None, description="All titles anew")
    descriptions: Descriptions | None = Field(None, description="All descriptions anew")
    licence: LicenceId | None = Field(None, description="Terms of use")
    licence_text: ShortText | None = Field(None, description="The terms as the publisher words them")
    themes: Annotated[list[ThemeCode], Field(max_length=13)] | None = Field(None, description="All themes anew")
    keywords: Annotated[list[Keyword], Field(max_length=100)] | None = Field(None, description="All keywords anew")
    languages: Annotated[list[Language], Field(max_length=20)] | None = Field(None, description="All languages anew")
    spatial: Code | None = Field(None, description="Municipality")
    box: BoxValue | None = Field(None, description="Area: west, south, east, north in degrees (WGS 84)")
    temporal_start: Moment | None = Field(None, description="First moment that the data are about")
    temporal_end: Moment | None = Field(None, description="Last moment that the data are about")
    frequency: FrequencyCode | None = Field(None, description="How often it is renewed")
    max_age_s: AgeSeconds | None = Field(None, description="Seconds after which it is late")
    issued: Moment | None = Field(None, description="When the data were first published")
    modified: Moment | None = Field(None, description="When the data last changed")
    contact: ContactInput | None = Field(None, description="Whom to ask")
    creator: AgentInput | None = Field(None, description="Who made it, if not the publisher")
    landing_page: Url | None = Field(None, description="The publisher's page about it")
    data_class: DataClass | None = Field(None, description="Legal class of data about persons")
    policy: Policy | None = Field(None, description="ODRL 2.2 policy in JSON-LD")
    provenance: Provenance | None = Field(None, description="Where the data come from, by language")
    version_label: ShortText | None = Field(None, description="The publisher's own version")
    conforms_to: Urls | None = Field(None, description="All standards anew")
    documentation: Urls | None = Field(None, description="All pages anew")
    sources: Urls | None = Field(None, description="All sources anew")
    source_system: ShortText | None = Field(None, description="The system that the data come from")
    series: Name | None = Field(None, description="Name of the series that it belongs to")
    endpoint_url: Url | None = Field(None, description="For a service: where it answers")
    endpoint_description: Url | None = Field(None, description="For a service: its OpenAPI document")
    serves: Names | None = Field(None, description="All served data sets anew")
    extras: Extras | None = Field(None, description="All extras anew")
    distributions: Annotated[list[DistributionInput], Field(max_length=200)] | None = Field(
        None, description="All distributions anew; those that the broker serves are not among them"
    )
    state: State | None = Field(None, description="Its next state")
    access: Access | None = Field(None, description="Who sees it")
    unit: UnitPath | None = Field(None, description="Service path of the department; needs a grant for both")
    note: ShortText | None = Field(None, description="What this version is about")

    def changes(self) -> Changes:
        """Return what is to change. Raises InvalidRequest for null where a value is needed."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        for name in sorted(self._required & given.keys()):
            if given[name] is None:
                raise InvalidRequest(f"{name} cannot be null", field=name)
        content = {name: _value_or_empty(name, value) for name, value in given.items() if name not in _NO_CONTENT}
        return Changes(content, self.state, self.access, self.unit, self.note or "")


_TEXTS = ("licence_text", "version_label", "source_system")
_EMPTY: dict[str, Any] = {
    "licence": "notspecified",
    "data_class": DataClass.NONE,
    **dict.fromkeys(_TEXTS, ""),
    **dict.fromkeys(("themes", "keywords", "languages", "conforms_to", "documentation", "sources", "serves"), ()),
    "provenance": {},
    "extras": {},
    "distributions": (),
}


def _value_or_empty(name: str, value: object) -> object:
    return _EMPTY.get(name) if value is None else _value(value)


def _value(value: Any) -> Any:
    """Return a member of a request as the domain holds it; lists lose repetitions of plain values."""
    if isinstance(value, ContactInput | AgentInput | DistributionInput):
        return value.value()
    if isinstance(value, list):
        values = [_value(each) for each in value]
        return tuple(dict.fromkeys(values)) if all(isinstance(each, str) for each in values) else tuple(values)
    return value
