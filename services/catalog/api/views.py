"""What clients get to see of data sets, imports and vocabularies."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access, Contact, Dataset, Kind, Live, Publisher, State, Withdrawal
from services.catalog.domain.distribution import Distribution, Interface
from services.catalog.domain.live import distributions_of


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
    interface: Interface | None = Field(None, description="The broker's interface that serves it")
    fields: Mapping[str, object] = Field({}, description="CADDE's resource fields (`ngsi_tenant`, …)")


class LiveView(BaseModel):
    """The entity type that a live data set describes."""

    entity_type: str = Field(description="Full name of the type")
    type_name: str = Field(description="Its short name", examples=["WaterLevelObserved"])
    attributes: list[str] = Field(description="Names of the attributes that its entities have")
    entity_count: int = Field(description="How many entities there are now", examples=[103])


class DatasetView(BaseModel):
    """A data set in the catalogue."""

    id: uuid.UUID = Field(description="Its identifier")
    name: str = Field(description="Its name in addresses, unique here", examples=["environmental_facilities"])
    uri: str = Field(description="Its address as linked data")
    kind: Kind = Field(description="`file`: an entry about files; `live`: an entity type in the context broker")
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
    landing_page: str | None = Field(None, description="The publisher's page about it")
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


_PLAIN = ("titles", "descriptions", "licence", "spatial", "frequency", "issued", "modified", "landing_page", "extras")
_LISTS = ("themes", "keywords", "languages")


def dataset_view(dataset: Dataset, addresses: Addresses) -> DatasetView:
    """Show a data set with all its distributions."""
    content = dataset.content
    return DatasetView(
        id=dataset.dataset_id,
        name=dataset.name,
        uri=addresses.dataset(dataset.dataset_id),
        kind=dataset.kind,
        state=dataset.state,
        withdrawn_because=dataset.withdrawn_because,
        access=dataset.access,
        publisher=_publisher_view(dataset.publisher),
        licence_text=content.licence_text or None,
        contact=_contact_view(content.contact),
        source=dataset.origin.source if dataset.origin else None,
        edited=sorted(dataset.edited),
        live=_live_view(dataset.live),
        distributions=[_distribution_view(each) for each in distributions_of(dataset, addresses)],
        created_at=dataset.created_at,
        updated_at=dataset.updated_at,
        **{name: getattr(content, name) for name in _PLAIN},
        **{name: list(getattr(content, name)) for name in _LISTS},
    )


def _publisher_view(publisher: Publisher) -> PublisherView:
    return PublisherView(
        tenant=publisher.name, title=publisher.title, title_en=publisher.title_en or None, code=publisher.code
    )


def _contact_view(contact: Contact | None) -> ContactView | None:
    if contact is None:
        return None
    return ContactView(name=contact.name, email=contact.email or None, url=contact.url or None)


def _live_view(live: Live | None) -> LiveView | None:
    if live is None:
        return None
    return LiveView(
        entity_type=live.entity_type,
        type_name=live.type_name,
        attributes=list(live.attributes),
        entity_count=live.entity_count,
    )


def _distribution_view(each: Distribution) -> DistributionView:
    assert each.distribution_id is not None
    return DistributionView(
        id=each.distribution_id,
        title=each.title,
        description=each.description or None,
        format=each.format or None,
        media_type=each.media_type or None,
        access_url=each.access_url,
        download_url=each.download_url or None,
        interface=each.interface,
        fields=each.fields,
    )
