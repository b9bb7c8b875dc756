"""What clients send about data sets."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from services.catalog.api.values import (
    Code,
    Description,
    Descriptions,
    Email,
    Extras,
    FrequencyCode,
    Keyword,
    Language,
    LicenceId,
    MediaType,
    Moment,
    Name,
    ShortText,
    ThemeCode,
    Titles,
    Url,
)
from services.catalog.domain import file_format
from services.catalog.domain.dataset import Access, Contact, Content, State
from services.catalog.domain.distribution import Distribution
from services.catalog.operations.edit import Changes, Draft
from services.kernel.errors import InvalidRequest


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactInput(_Input):
    """Whom to ask about a data set."""

    name: ShortText = Field(description="A unit or a person", examples=["デジタル推進課"])
    email: Email | None = Field(None, description="Its address for mail", examples=["data@city.example.jp"])
    url: Url | None = Field(None, description="Its page or form")

    def value(self) -> Contact:
        """Return it as the domain's value."""
        return Contact(self.name, self.email or "", self.url or "")


class DistributionInput(_Input):
    """One form in which a data set can be had."""

    access_url: Url = Field(description="Where it is found", examples=["https://example.jp/data/park.csv"])
    title: ShortText | None = Field(None, description="Its title", examples=["公園一覧 (CSV)"])
    description: Description | None = Field(None, description="What is special about this form")
    format: ShortText | None = Field(None, description="Its format as usually written", examples=["CSV"])
    media_type: MediaType | None = Field(None, description="Its media type; else the usual one of the format")
    download_url: Url | None = Field(None, description="Where the file itself is, if not at `access_url`")

    def value(self) -> Distribution:
        """Return it as the domain's value, with the media type that its format usually has."""
        known = file_format.recognise(self.format or "")
        return Distribution(
            access_url=self.access_url,
            title=self.title or known.name,
            description=self.description or "",
            format=known.name,
            media_type=self.media_type or known.media_type,
            download_url=self.download_url or "",
        )


class DatasetInput(_Input):
    """A data set to publish: what DCAT-AP asks for is required."""

    titles: Titles = Field(description="Its title, by language", examples=[{"ja": "公園一覧", "en": "Parks"}])
    descriptions: Descriptions = Field(description="What it holds, by language", examples=[{"ja": "市内の公園"}])
    name: Name | None = Field(None, description="Its name in addresses; else derived, and never changed")
    licence: LicenceId = Field("notspecified", description="Terms of use, of `/licences`", examples=["CC-BY-4.0"])
    licence_text: ShortText | None = Field(None, description="The terms as the publisher words them")
    themes: list[ThemeCode] = Field([], max_length=13, description="EU themes, of `/themes`", examples=[["ENVI"]])
    keywords: list[Keyword] = Field([], max_length=100, description="Free keywords", examples=[["公園"]])
    languages: list[Language] = Field(["ja"], max_length=20, description="Languages of the data")
    spatial: Code | None = Field(None, description="Municipality; else the tenant's own", examples=["372013"])
    frequency: FrequencyCode | None = Field(None, description="How often it is renewed", examples=["MONTHLY"])
    issued: Moment | None = Field(None, description="When the data were first published", examples=["2024-04-01"])
    modified: Moment | None = Field(None, description="When the data last changed", examples=["2026-04-01"])
    contact: ContactInput | None = Field(None, description="Whom to ask")
    landing_page: Url | None = Field(None, description="The publisher's page about it")
    extras: Extras = Field({}, description="Whatever else is known, as name and value")
    distributions: list[DistributionInput] = Field([], max_length=200, description="The forms it can be had in")
    access: Access = Field(Access.PUBLIC, description="Who sees it: everybody, or who may read the tenant")

    def draft(self) -> Draft:
        """Return it as the domain's value."""
        values = {name: _value(getattr(self, name)) for name in type(self).model_fields if name not in _NO_CONTENT}
        values["licence_text"] = self.licence_text or ""
        return Draft(Content(**values), self.name, self.access)


_NO_CONTENT = {"name", "access", "state"}


class DatasetPatch(_Input):
    """What to change, as a JSON merge patch (RFC 7396): members that are left out stay, null empties."""

    _required: ClassVar[frozenset[str]] = frozenset({"titles", "descriptions", "state", "access"})

    titles: Titles | None = Field(None, description="All titles anew")
    descriptions: Descriptions | None = Field(None, description="All descriptions anew")
    licence: LicenceId | None = Field(None, description="Terms of use")
    licence_text: ShortText | None = Field(None, description="The terms as the publisher words them")
    themes: Annotated[list[ThemeCode], Field(max_length=13)] | None = Field(None, description="All themes anew")
    keywords: Annotated[list[Keyword], Field(max_length=100)] | None = Field(None, description="All keywords anew")
    languages: Annotated[list[Language], Field(max_length=20)] | None = Field(None, description="All languages anew")
    spatial: Code | None = Field(None, description="Municipality")
    frequency: FrequencyCode | None = Field(None, description="How often it is renewed")
    issued: Moment | None = Field(None, description="When the data were first published")
    modified: Moment | None = Field(None, description="When the data last changed")
    contact: ContactInput | None = Field(None, description="Whom to ask")
    landing_page: Url | None = Field(None, description="The publisher's page about it")
    extras: Extras | None = Field(None, description="All extras anew")
    distributions: Annotated[list[DistributionInput], Field(max_length=200)] | None = Field(
        None, description="All distributions anew; those that the broker serves are not among them"
    )
    state: State | None = Field(None, description="`withdrawn` hides it, `published` shows it again")
    access: Access | None = Field(None, description="Who sees it")

    def changes(self) -> Changes:
        """Return what is to change. Raises InvalidRequest for null where a value is needed."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        for name in sorted(self._required & given.keys()):
            if given[name] is None:
                raise InvalidRequest(f"{name} cannot be null", field=name)
        content = {name: _value_or_empty(name, value) for name, value in given.items() if name not in _NO_CONTENT}
        return Changes(content, self.state, self.access)


_EMPTY: dict[str, Any] = {
    "licence": "notspecified",
    "licence_text": "",
    "themes": (),
    "keywords": (),
    "languages": (),
    "extras": {},
    "distributions": (),
}


def _value_or_empty(name: str, value: object) -> object:
    return _EMPTY.get(name) if value is None else _value(value)


def _value(value: Any) -> Any:
    """Return a member of a request as the domain holds it; lists lose repetitions of plain values."""
    if isinstance(value, ContactInput | DistributionInput):
        return value.value()
    if isinstance(value, list):
        values = [_value(each) for each in value]
        return tuple(dict.fromkeys(values)) if all(isinstance(each, str) for each in values) else tuple(values)
    return value
