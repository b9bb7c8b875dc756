"""The port of converters: the bytes of a document become records, and each record an entity or a refusal.

A converter is a `Feed`. It does no I/O, keeps no state between documents, and gives the same records in the same order
for the same document and destination: an import that was interrupted reads the document again and goes on at the
record where it stopped. Whoever runs it writes the entities in that order, in batches (NGSI-LD batch upsert,
`options=update`: attributes that a record lacks stay), and makes the report from the records.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from services.kernel.values import frozen

Entity = dict[str, Any]
"""One entity, NGSI-LD normalized with short names: `id`, `type`, attributes, and `scope` where it has one."""


@dataclass(frozen=True, slots=True)
class Document:
    """What came: a file that was sent, or the answer of a server. `received_at` has a time zone.

    `name` is a file name or the last part of a URL; `options` are those among `Feed.options` that the caller gave.
    """

    content: bytes
    received_at: datetime
    name: str = ""
    content_type: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Destination:
    """The tenant and service path that the entities are written to; a path other than `/` is their scope."""

    tenant: str
    path: str = "/"

    def urn(self, entity_type: str, local: str) -> str:
        """Name an entity `urn:ngsi-ld:<Type>:<tenant>-<local>`, the same one each time."""
        prefix = f"{self.tenant}-" if self.tenant else ""
        return f"urn:ngsi-ld:{entity_type}:{prefix}{quote(local, safe='-._~')}"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a record is no entity: a code in words joined by hyphens, a sentence, and the field that is at fault."""

    reason: str
    detail: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of a series a document is, for those that replace each other: `version` is a text that grows.

    Records of an edition older than one that was written are refused (`superseded`). Of the types in `closing`, what
    earlier editions named and this one does not gets these attributes, when the record that `is_last` has come; without
    `is_last` it stays open, and a later edition may close it.
    """

    series: str
    version: str
    closing: Mapping[str, Mapping[str, Any]]
    is_last: bool = False


@frozen
class Record:
    """One record of a document, and what became of it: an `entity`, a `refusal`, or neither for an empty one.

    `number` counts from 1 within `part` (a spreadsheet's rows: its header is row 1); `part` names the file in an
    archive or the sheet, if there are several. `repairs` are codes among `Feed.repairs`, in the order in which they
    were made. `cells` are the record as it came, by column: needed for refused ones only, which their owner gets
    back. An entity with a `key` is written once, however often it comes within two days; without one it is
    written each time. Records of a document that replaces earlier ones have an `edition`.
    """

    number: int
    entity: Entity | None = None
    refusal: Refused | None = None
    repairs: Sequence[str] = ()
    part: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    edition: Edition | None = None


class Feed(Protocol):
    """A kind of document and the entities that its records are."""

    @property
    def name(self) -> str:
        """Name in addresses and reports, as `gtfs-rt`."""
        ...

    @property
    def title(self) -> str:
        """What the documents are, in a few words."""
        ...

    @property
    def types(self) -> Sequence[str]:
        """Every entity type that a record may become: the caller needs a grant to write each."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """What the caller may say about a document, by name, each with a sentence about it."""
        ...

    @property
    def repairs(self) -> Mapping[str, str]:
        """A sentence about each repair that its records name, by code."""
        ...

    def recognises(self, document: Document) -> bool:
        """Tell whether a document looks like one of this kind; must be quick, and never raise."""
        ...

    def read(self, document: Document, destination: Destination) -> Iterator[Record]:
        """Read the records. Raises InvalidRequest for a document that cannot be read as a whole, or a wrong option.

        It is read in a thread, and not always to its end. A record that cannot be read is refused, not raised.
        """
        ...
