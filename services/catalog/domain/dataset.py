"""Data sets: what a publisher says of one, and what the catalogue knows of it."""

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import NOT_SPECIFIED
from services.catalog.domain.publisher_slug import slug_of_tenant


class Kind(StrEnum):
    """Where a data set comes from: an entry about files, or an entity type that the broker holds now."""

    FILE = "file"
    LIVE = "live"


class State(StrEnum):
    """Whether a data set is shown."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Access(StrEnum):
    """Who may see a published data set: everybody, or those with a grant for its tenant."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


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
class Content:
    """What a publisher says of a data set (DCAT-AP 3, Dataset). Texts are by language tag.

    `themes` are EU codes, `keywords` stay as written, `spatial` is a six-digit municipality code, `frequency` an
    EU code; `issued` and `modified` are ISO 8601 dates or date-times of the data themselves. `extras` keeps what
    the source says and no other field holds.
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


@dataclass(frozen=True, slots=True)
class Publisher:
    """A tenant as the publisher of its data sets; the default tenant has the empty name.

    `kind` is auth's word: `municipality`, `prefecture`, …
    """

    tenant_id: int
    name: str
    title: str
    title_en: str = ""
    code: str | None = None
    kind: str = ""

    @property
    def slug(self) -> str:
        """Its name in addresses; no tenant can be called like the default one's."""
        return slug_of_tenant(self.name)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set in the catalogue. `edited` names the content's fields that were set by hand and so stay."""

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
    origin: Origin | None = None
    edited: frozenset[str] = frozenset()
    live: Live | None = None

    @property
    def title(self) -> str:
        """Its title in Japanese, else in any language."""
        return preferred(self.content.titles)

    @property
    def description(self) -> str:
        """Its description in Japanese, else in any language."""
        return preferred(self.content.descriptions)


def preferred(texts: Mapping[str, str]) -> str:
    """Return the Japanese text, else the first one, else nothing."""
    return texts.get("ja") or next(iter(texts.values()), "")


def merge(current: Content, wanted: Content, edited: Iterable[str]) -> Content:
    """Return what a source wants said, except for the fields that were set by hand."""
    kept = {name: getattr(current, name) for name in edited}
    return dataclasses.replace(wanted, **kept)
