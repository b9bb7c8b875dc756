"""A document that is to be imported, opened: a city's file by a mapping, or a feed by its converter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from services.ingest.feeds.feed import Destination, Document, Feed, Record
from services.ingest.feeds.shelf import FeedShelf
from services.ingest.importing.mapping import Mapping as FileMapping
from services.ingest.importing.mapping import dumped
from services.ingest.importing.shelf import MappingShelf, Wanted
from services.ingest.importing.source import OpenedFile, Reading, open_file, reopen_file
from services.kernel.errors import InvalidRequest

_LONGEST_NAME = 200


class Opened(Protocol):
    """What is read record by record."""

    @property
    def types(self) -> Sequence[str]:
        """The types of its entities."""
        ...

    @property
    def repairs(self) -> Mapping[str, str]:
        """A sentence about each repair."""
        ...

    @property
    def size(self) -> int | None:
        """How many records it has, none if only reading tells."""
        ...

    def records(self, destination: Destination) -> Iterator[Record]:
        """Read the records, the same ones each time."""
        ...

    def description(self) -> dict[str, Any]:
        """Write what it is, for the report."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedFeed:
    """A feed's document."""

    feed: Feed
    document: Document
    size: int | None = None

    @property
    def types(self) -> Sequence[str]:
        """The types of its entities."""
        return self.feed.types

    @property
    def repairs(self) -> Mapping[str, str]:
        """A sentence about each repair."""
        return self.feed.repairs

    def records(self, destination: Destination) -> Iterator[Record]:
        """Read the records."""
        return self.feed.read(self.document, destination)

    def description(self) -> dict[str, Any]:
        """Write what it is, for the report."""
        return {"feed": self.feed.name, "type": ", ".join(self.feed.types), "options": dict(self.document.options)}


@dataclass(frozen=True, slots=True)
class Sending:
    """A document as it came, and what its sender says about it."""

    content: bytes
    received_at: datetime
    wanted: Wanted = field(default_factory=Wanted)
    reading: Reading = field(default_factory=Reading)
    feed: str | None = None
    content_type: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    """What the report says besides, as the connector's name."""

    def plan(self, opened: Opened) -> dict[str, Any]:
        """Write how the document is read, so that it can be again."""
        plan: dict[str, Any] = {
            "name": self.wanted.file_name[:_LONGEST_NAME],
            "received_at": self.received_at.isoformat(),
        }
        if isinstance(opened, OpenedFile):
            mapping = dumped(opened.mapping)
            reading = {key: value for key, value in _reading_document(self.reading).items() if value}
            named = {"named_by": opened.identity.way, "layout": opened.table.layout}
            return {**plan, "mapping": mapping, "reading": reading, **named}
        if isinstance(opened, OpenedFeed):
            plan["feed"] = opened.feed.name
        return {**plan, "content_type": self.content_type, "options": dict(self.options)}


def _reading_document(reading: Reading) -> dict[str, Any]:
    return {
        "is_strict": reading.is_strict,
        "encoding": reading.encoding,
        "sheet": reading.sheet,
        "datum": reading.datum,
    }


class Opener:
    """Opens documents with the converters and mappings there are."""

    def __init__(self, feeds: FeedShelf) -> None:
        self._feeds = feeds

    def open(self, sending: Sending, shelf: MappingShelf) -> Opened:
        """Open a document: as the feed named, as one that a feed knows, else as a file. Blocks.

        Raises InvalidRequest, NotFound.
        """
        document = _document(sending)
        if sending.feed is not None:
            feed = self._feeds.named(sending.feed)
            return OpenedFeed(feed, _checked(feed, document))
        if sending.wanted.mapping is None and sending.wanted.type is None:
            found = self._feeds.recognising(document)
            if found is not None:
                return OpenedFeed(found, _checked(found, document))
        if sending.options:
            raise InvalidRequest("Options are for feeds; a file has none", field="option")
        return open_file(sending.content, shelf, sending.wanted, sending.reading)

    def reopen(self, content: bytes, plan: Mapping[str, Any], shelf: MappingShelf) -> Opened:
        """Open a document as a run's plan says. Blocks. Raises InvalidRequest, NotFound."""
        if "feed" in plan:
            received = datetime.fromisoformat(plan["received_at"])
            document = Document(content, received, plan["name"], plan["content_type"], plan["options"])
            return OpenedFeed(self._feeds.named(plan["feed"]), document)
        mapping = FileMapping.model_validate(plan["mapping"])
        opened = reopen_file(content, mapping, shelf.known_columns, Reading(**plan["reading"]))
        return replace(opened, identity=replace(opened.identity, way=plan["named_by"]))


def _document(sending: Sending) -> Document:
    return Document(
        sending.content, sending.received_at, sending.wanted.file_name, sending.content_type, sending.options
    )


def _checked(feed: Feed, document: Document) -> Document:
    unknown = sorted(set(document.options) - set(feed.options))
    if unknown:
        known = ", ".join(feed.options) or "none"
        raise InvalidRequest(f"Feed {feed.name} has no option {unknown[0]:.60}; it has: {known}", field="option")
    return document
