"""The parts of data sets as clients read them: what they are, and their members in that order."""

import uuid
from collections.abc import Mapping

from pydantic import BaseModel, Field

from services.catalog.domain.dataset import Agent, Contact, Live, Publisher
from services.catalog.domain.distribution import Distribution, Interface


class PublisherView(BaseModel):
    """The tenant that publishes a data set."""

    tenant: str = Field(description="Name of the tenant, as in `Fiware-Service`", examples=["takamatsu"])
    title: str = Field(description="What it is called", examples=["高松市"])
    title_en: str | None = Field(None, description="What it is called in English", examples=["Takamatsu City"])
    code: str | None = Field(None, description="Its 全国地方公共団体コード", examples=["372013"])


class ContactView(BaseModel):
    """Whom to ask about a data set."""

    name: str = Field(description="A unit or a person")
    email: str | None = Field(None, description="Its address for mail")
    url: str | None = Field(None, description="Its page or form")


class DistributionView(BaseModel):
    """One form in which a data set can be had."""

    id: uuid.UUID = Field(description="Its identifier; stays when the data set is imported again")
    title: str = Field(description="Its title", examples=["XLSX"])
    description: str | None = Field(None, description="What is special about this form")
    format: str | None = Field(None, description="Its format", examples=["XLSX"])
    media_type: str | None = Field(None, description="Its media type")
    access_url: str = Field(description="Where it is found")
    download_url: str | None = Field(None, description="Where the file itself is")
    licence: str | None = Field(None, description="Its terms, where they are not the data set's")
    byte_size: int | None = Field(None, description="Size in bytes")
    checksum: str | None = Field(None, description="SHA-256 in hexadecimal")
    issued: str | None = Field(None, description="When it was first published")
    modified: str | None = Field(None, description="When it last changed")
    conforms_to: list[str] = Field([], description="Standards and schemas that it keeps to")
    availability: str | None = Field(None, description="EU code of how long it stays")
    interface: Interface | None = Field(None, description="The broker's interface that serves it")
    fields: Mapping[str, object] = Field({}, description="CADDE's resource fields (`ngsi_tenant`, …)")


class AgentView(BaseModel):
    """Who made a data set, where that is not the publisher."""

    name: str = Field(description="A body or a person")
    email: str | None = Field(None, description="Its address for mail")
    url: str | None = Field(None, description="Its page")


class LiveView(BaseModel):
    """The entity type that a live data set describes."""

    entity_type: str = Field(description="Full name of the type")
    type_name: str = Field(description="Its short name", examples=["WaterLevelObserved"])
    attributes: list[str] = Field(description="Names of the attributes that its entities have")
    entity_count: int = Field(description="How many entities there are now", examples=[103])


def publisher_members(publisher: Publisher) -> dict[str, object]:
    """Return the members of a `PublisherView`."""
    return {
        "tenant": publisher.name,
        "title": publisher.title,
        "title_en": publisher.title_en or None,
        "code": publisher.code,
    }


def agent_members(agent: Contact | Agent | None) -> dict[str, object] | None:
    """Return the members of a `ContactView` or an `AgentView`."""
    return {"name": agent.name, "email": agent.email or None, "url": agent.url or None} if agent else None


def live_members(live: Live | None) -> dict[str, object] | None:
    """Return the members of a `LiveView`."""
    if live is None:
        return None
    return {
        "entity_type": live.entity_type,
        "type_name": live.type_name,
        "attributes": live.attributes,
        "entity_count": live.entity_count,
    }


def distribution_members(each: Distribution) -> dict[str, object]:
    """Return the members of a `DistributionView`."""
    return {
        "id": str(each.distribution_id),
        "title": each.title,
        "description": each.description or None,
        "format": each.format or None,
        "media_type": each.media_type or None,
        "access_url": each.access_url,
        "download_url": each.download_url or None,
        "licence": each.licence or None,
        "byte_size": each.byte_size,
        "checksum": each.checksum or None,
        "issued": each.issued,
        "modified": each.modified,
        "conforms_to": each.conforms_to,
        "availability": each.availability or None,
        "interface": each.interface,
        "fields": each.fields,
    }
