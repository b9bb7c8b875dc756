"""Data sets: what a publisher says of one, and what the catalogue knows of it."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.domain.appearance import NO_APPEARANCE, Appearance
from services.catalog.domain.data_class import DataClass
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.freshness import due_at, instant_of, max_age_s
from services.catalog.domain.licence import NOT_SPECIFIED
from services.catalog.domain.publisher_slug import slug_of_tenant
from services.catalog.domain.unit import WHOLE


class Kind(StrEnum):
    """What an entry is: about files, an entity type that the broker holds now, a series of data sets, a service."""

    FILE = "file"
    LIVE = "live"
    SERIES = "series"
    SERVICE = "service"


class State(StrEnum):
    """How far an entry has come. Only a published one is shown to others than its editors.

    `draft` is being written, `review` waits for whoever publishes, `private` is kept for the unit itself, `withdrawn`
    was published once or has lost its source.
    """

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    PRIVATE = "private"
    WITHDRAWN = "withdrawn"


class Access(StrEnum):
    """Who may see a published data set: everybody, or those with a grant for its tenant."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


class AccessBy(StrEnum):
    """What decided who may see a data set: how it was made, what its tenant opens to all, or somebody by hand."""

    DEFAULT = "default"
    OPEN_DATA = "open-data"
    HAND = "hand"


class Withdrawal(StrEnum):
    """Why a data set is withdrawn: its publisher wants so, its source no longer has it."""

    BY_PUBLISHER = "publisher"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask about a data set."""

    name: str
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who made a data set, where that is not the publisher."""

    name: str
    email: str = ""
    url: str = ""


Box = tuple[float, float, float, float]
"""West, south, east and north in degrees (WGS 84)."""


def is_on_earth(box: Box) -> bool:
    """Tell whether a box has degrees that there are, its south not above its north; it may cross the date line."""
    west, south, east, north = box
    return max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90 and south <= north


@dataclass(frozen=True, slots=True)
class Content:
    """What a publisher says of a data set, a series or a service (DCAT-AP 3). Texts are by language tag.

    `themes` are EU codes, `keywords` stay as written, `spatial` is a six-digit municipality code, `frequency` an
    EU code; `issued`, `modified`, `temporal_start` and `temporal_end` are ISO 8601 dates or date-times of the data
    themselves. `max_age_s` is how old the data may be before they are late, where the frequency does not say it.
    `policy` is an ODRL 2.2 policy in JSON-LD, `data_class` a legal class (`DataClass`). `series` is the name of the
    series that a data set belongs to. `endpoint_url`, `endpoint_description` and `serves` (names of data sets) are a
    service's. `extras` keeps what the source says and no other field holds.
    """

    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    licence: str = NOT_SPECIFIED
    licence_text: str = ""
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("ja",)
    spatial: str | None = None
    frequency: str | None = None
    issued: str | None = None
    modified: str | None = None
    contact: Contact | None = None
    landing_page: str | None = None
    box: Box | None = None
    temporal_start: str | None = None
    temporal_end: str | None = None
    max_age_s: int | None = None
    data_class: str = DataClass.NONE
    policy: Mapping[str, object] | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    creator: Agent | None = None
    version_label: str = ""
    conforms_to: tuple[str, ...] = ()
    documentation: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    source_system: str = ""
    series: str | None = None
    endpoint_url: str | None = None
    endpoint_description: str | None = None
    serves: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    distributions: tuple[Distribution, ...] = ()


CONTENT_FIELDS = tuple(each.name for each in dataclasses.fields(Content))


@dataclass(frozen=True, slots=True)
class Live:
    """An entity type in the broker: its full name, its short name, its attributes' names, how many entities."""

    entity_type: str
    type_name: str
    attributes: tuple[str, ...] = ()
    entity_count: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The entry of a list that a data set comes from. `key` tells it from the other entries of the source."""

    source: str
    key: str
    url: str
    name: str


HARVESTED = "harvest:"
"""How the sources of harvested data sets begin among the origins."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A tenant as the publisher of its data sets; the default tenant has the empty name.

    `kind` is auth's word: `municipality`, `prefecture`, …; `parent` is the tenant above it. The
    titles are auth's unless its appearance has a name.
    """

    tenant_id: int
    name: str
    title: str
    title_en: str = ""
    code: str | None = None
    kind: str = ""
    parent: str | None = None
    appearance: Appearance = NO_APPEARANCE

    @property
    def slug(self) -> str:
        """Its name in addresses; no tenant can be called like the default one's."""
        return slug_of_tenant(self.name)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set in the catalogue.

    `edited` names the content's fields that were set by hand and so stay. `unit` is the service path of the department
    that looks after it. `version` counts how often it was published; `published_at` is when it last was.
    `submitted_by` is who sent it to review.
    """

    dataset_id: uuid.UUID
    name: str
    publisher: Publisher
    kind: Kind
    content: Content
    created_at: datetime
    updated_at: datetime
    state: State = State.PUBLISHED
    withdrawn_because: Withdrawal | None = None
    access: Access = Access.PUBLIC
    access_by: AccessBy = AccessBy.DEFAULT
    origin: Origin | None = None
    edited: frozenset[str] = frozenset()
    live: Live | None = None
    unit: str = WHOLE
    version: int = 0
    published_at: datetime | None = None
    submitted_by: str = ""

    @property
    def title(self) -> str:
        """Its title in Japanese, else in any language."""
        return preferred(self.content.titles)

    @property
    def description(self) -> str:
        """Its description in Japanese, else in any language."""
        return preferred(self.content.descriptions)

    @property
    def original(self) -> str:
        """The address that a harvested data set has where it was published first, empty for all others."""
        return self.origin.url if self.origin and self.origin.source.startswith(HARVESTED) else ""

    @property
    def due_at(self) -> datetime | None:
        """When it is late if its data do not change; None if it cannot be late."""
        content = self.content
        changed = instant_of(content.modified) or instant_of(content.issued) or self.created_at
        return due_at(changed, max_age_s(content.frequency, content.max_age_s))


def preferred(texts: Mapping[str, str]) -> str:
    """Return the Japanese text, else the first one, else nothing."""
    return texts.get("ja") or next(iter(texts.values()), "")


def merge(current: Content, wanted: Content, edited: Iterable[str]) -> Content:
    """Return what a source wants said, except for the fields that were set by hand."""
    kept = {name: getattr(current, name) for name in edited}
    return dataclasses.replace(wanted, **kept)
