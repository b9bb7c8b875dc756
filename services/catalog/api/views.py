"""What clients get to see of data sets, imports and vocabularies."""

import uuid
from collections.abc import Mapping
from datetime import datetime

import orjson
from pydantic import BaseModel, Field

from services.catalog.api.view_parts import (
    AgentView,
    ContactView,
    DistributionView,
    LiveView,
    PublisherView,
    agent_members,
    distribution_members,
    live_members,
    publisher_members,
)
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import CONTENT_FIELDS, Access, Dataset, Kind, State, Withdrawal
from services.catalog.domain.live import distributions_of


class DatasetView(BaseModel):
    """A data set in the catalogue."""

    id: uuid.UUID = Field(description="Its identifier")
    name: str = Field(description="Its name in addresses, unique here", examples=["environmental_facilities"])
    uri: str = Field(description="Its address as linked data")
    kind: Kind = Field(
        description="`file`: an entry about files; `live`: an entity type in the broker; or `series`, `service`"
    )
    state: State = Field(description="Whether it is shown")
    withdrawn_because: Withdrawal | None = Field(None, description="Who or what withdrew it")
    access: Access = Field(description="Who sees it: everybody, or who may read its tenant")
    publisher: PublisherView = Field(description="The tenant that publishes it")
    titles: Mapping[str, str] = Field(description="Its title, by language", examples=[{"ja": "環境施設"}])
    descriptions: Mapping[str, str] = Field(description="What it holds, by language")
    licence: str = Field(description="Terms of use, of `/licences`", examples=["CC-unspecified"])
    licence_text: str | None = Field(None, description="The terms as the source words them", examples=["CCライセンス"])
    themes: list[str] = Field(description="EU themes, of `/themes`", examples=[["SOCI"]])
    keywords: list[str] = Field(description="Keywords as written", examples=[["くらし"]])
    languages: list[str] = Field(description="Languages of the data")
    spatial: str | None = Field(None, description="全国地方公共団体コード of the area", examples=["372013"])
    frequency: str | None = Field(None, description="EU frequency code")
    issued: str | None = Field(None, description="When the data were first published")
    modified: str | None = Field(None, description="When the data last changed")
    contact: ContactView | None = Field(None, description="Whom to ask")
    creator: AgentView | None = Field(None, description="Who made it, if not the publisher")
    landing_page: str | None = Field(None, description="The publisher's page about it")
    unit: str = Field(description="Service path of the department that looks after it", examples=["/parks"])
    version: int = Field(description="How often it was published", examples=[3])
    published_at: datetime | None = Field(None, description="When it last was")
    due_at: datetime | None = Field(None, description="When it is late if its data do not change")
    box: tuple[float, float, float, float] | None = Field(None, description="West, south, east, north in degrees")
    temporal_start: str | None = Field(None, description="First moment that the data are about")
    temporal_end: str | None = Field(None, description="Last moment that the data are about")
    max_age_s: int | None = Field(None, description="Seconds after which it is late, where stated")
    data_class: DataClass = Field(description="Legal class of data about persons")
    policy: Mapping[str, object] | None = Field(None, description="ODRL 2.2 policy in JSON-LD")
    provenance: Mapping[str, str] = Field(description="Where the data come from, by language")
    version_label: str | None = Field(None, description="The publisher's own version")
    conforms_to: list[str] = Field(description="Standards that it keeps to")
    documentation: list[str] = Field(description="Pages that explain it")
    sources: list[str] = Field(description="Data that it was made from")
    source_system: str | None = Field(None, description="The system that the data come from")
    series: str | None = Field(None, description="Name of the series that it belongs to")
    endpoint_url: str | None = Field(None, description="For a service: where it answers")
    endpoint_description: str | None = Field(None, description="For a service: its OpenAPI document")
    serves: list[str] = Field(description="For a service: names of the data sets that it serves")
    extras: Mapping[str, str] = Field(description="What the source says and no other member holds")
    source: str | None = Field(None, description="The list that it was imported from", examples=["open_data_list"])
    edited: list[str] = Field(description="Members that were set by hand; imports and the broker leave them alone")
    live: LiveView | None = Field(None, description="For `live`: the entity type")
    distributions: list[DistributionView] = Field(description="The forms it can be had in")
    created_at: datetime = Field(description="When it came into the catalogue")
    updated_at: datetime = Field(description="When its description last changed")


class DatasetPage(BaseModel):
    """A part of the data sets that were asked for."""

    total: int = Field(description="How many there are in all", examples=[113])
    limit: int = Field(description="Most in this part", examples=[20])
    offset: int = Field(description="How many are before this part", examples=[0])
    items: list[DatasetView] = Field(description="The data sets")


class LicenceView(BaseModel):
    """Terms of use."""

    id: str = Field(description="Identifier", examples=["CC-BY-4.0"])
    title: str = Field(description="Name in English")
    title_ja: str = Field(description="Name in Japanese")
    url: str | None = Field(None, description="The text; none where the wording names no text")
    is_open: bool = Field(description="Whether they are open in the sense of the Open Definition")


class ThemeView(BaseModel):
    """A theme of the EU data-theme vocabulary."""

    code: str = Field(description="Code", examples=["ENVI"])
    uri: str = Field(description="Address in the vocabulary")
    title: str = Field(description="Name in English")
    title_ja: str = Field(description="Name in Japanese")


_TEXTS = ("licence_text", "version_label", "source_system")
_OTHER = {*_TEXTS, "contact", "creator", "distributions"}
_PLAIN = tuple(name for name in CONTENT_FIELDS if name not in _OTHER)
_MEMBERS = tuple(DatasetView.model_fields)


def dataset_view(dataset: Dataset, addresses: Addresses) -> DatasetView:
    """Show a data set with all its distributions."""
    return DatasetView.model_validate(_members(dataset, addresses))


def dataset_json(dataset: Dataset, addresses: Addresses) -> bytes:
    """Write a data set with all its distributions as its view is written, in a third of the time."""
    return orjson.dumps(_members(dataset, addresses), default=dict, option=orjson.OPT_UTC_Z)


def _members(dataset: Dataset, addresses: Addresses) -> dict[str, object]:
    content = dataset.content
    members = {
        "id": str(dataset.dataset_id),
        "name": dataset.name,
        "uri": addresses.dataset(dataset.dataset_id),
        "kind": dataset.kind,
        "state": dataset.state,
        "withdrawn_because": dataset.withdrawn_because,
        "access": dataset.access,
        "publisher": publisher_members(dataset.publisher),
        "creator": agent_members(content.creator),
        "unit": dataset.unit,
        "version": dataset.version,
        "published_at": dataset.published_at,
        "due_at": dataset.due_at,
        "contact": agent_members(content.contact),
        "source": dataset.origin.source if dataset.origin else None,
        "edited": sorted(dataset.edited),
        "live": live_members(dataset.live),
        "distributions": [distribution_members(each) for each in distributions_of(dataset, addresses)],
        "created_at": dataset.created_at,
        "updated_at": dataset.updated_at,
        **{name: getattr(content, name) for name in _PLAIN},
        **{name: getattr(content, name) or None for name in _TEXTS},
    }
    return {name: members[name] for name in _MEMBERS}
