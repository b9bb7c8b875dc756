"""What clients send about the parts of a data set."""

import uuid

from pydantic import BaseModel, ConfigDict, Field

from services.catalog.api.values import (
    Availability,
    Bytes,
    Checksum,
    Description,
    Email,
    LicenceId,
    MediaType,
    Moment,
    ShortText,
    Url,
    Urls,
)
from services.catalog.domain import file_format
from services.catalog.domain.dataset import Agent, Contact
from services.catalog.domain.distribution import Distribution


class Input(BaseModel):
    """A JSON object without unknown members."""

    model_config = ConfigDict(extra="forbid")


class ContactInput(Input):
    """Whom to ask about a data set."""

    name: ShortText = Field(description="A unit or a person", examples=["デジタル推進課"])
    email: Email | None = Field(None, description="Its address for mail", examples=["data@city.example.jp"])
    url: Url | None = Field(None, description="Its page or form")

    def value(self) -> Contact:
        """Return it as the domain's value."""
        return Contact(self.name, self.email or "", self.url or "")


class AgentInput(Input):
    """Who made a data set, where that is not the publisher."""

    name: ShortText = Field(description="A body or a person", examples=["高松市消防局"])
    email: Email | None = Field(None, description="Its address for mail")
    url: Url | None = Field(None, description="Its page")

    def value(self) -> Agent:
        """Return it as the domain's value."""
        return Agent(self.name, self.email or "", self.url or "")


class DistributionInput(Input):
    """One form in which a data set can be had."""

    id: uuid.UUID | None = Field(None, description="Its identifier, to keep it; else it follows from the format")
    access_url: Url = Field(description="Where it is found", examples=["https://example.jp/data/park.csv"])
    title: ShortText | None = Field(None, description="Its title", examples=["公園一覧 (CSV)"])
    description: Description | None = Field(None, description="What is special about this form")
    format: ShortText | None = Field(None, description="Its format as usually written", examples=["CSV"])
    media_type: MediaType | None = Field(None, description="Its media type; else the usual one of the format")
    download_url: Url | None = Field(None, description="Where the file itself is, if not at `access_url`")
    licence: LicenceId | None = Field(None, description="Its terms, where they are not the data set's")
    byte_size: Bytes | None = Field(None, description="Size in bytes", examples=[10240])
    checksum: Checksum | None = Field(None, description="SHA-256 in hexadecimal")
    issued: Moment | None = Field(None, description="When it was first published")
    modified: Moment | None = Field(None, description="When it last changed")
    conforms_to: Urls = Field([], description="Standards and schemas that it keeps to")
    availability: Availability | None = Field(None, description="EU code of how long it stays", examples=["STABLE"])

    def value(self) -> Distribution:
        """Return it as the domain's value, with the media type that its format usually has."""
        known = file_format.recognise(self.format or "")
        return Distribution(
            distribution_id=self.id,
            access_url=self.access_url,
            title=self.title or known.name,
            description=self.description or "",
            format=known.name,
            media_type=self.media_type or known.media_type,
            download_url=self.download_url or "",
            licence=self.licence or "",
            byte_size=self.byte_size,
            checksum=(self.checksum or "").lower(),
            issued=self.issued,
            modified=self.modified,
            conforms_to=tuple(dict.fromkeys(self.conforms_to)),
            availability=self.availability or "",
        )
