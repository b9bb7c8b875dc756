"""Harvests: other catalogues whose data sets are shown here too, and how each run of one went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.domain.dataset import HARVESTED, Access, Content, Kind, State


class Protocol(StrEnum):
    """How the other catalogue is read."""

    CKAN = "ckan"
    DCAT = "dcat"
    DATA_JSON = "data.json"


@dataclass(frozen=True, slots=True)
class Source:
    """Another catalogue: for which tenant and unit it is read, where, how, how often (None: on request only).

    `query` narrows it: for CKAN an `fq`. New data sets come in `state` and with `access`.
    """

    source_id: int
    tenant: str
    name: str
    protocol: Protocol
    url: str
    unit: str = "/"
    every_s: int | None = None
    query: str = ""
    state: State = State.PUBLISHED
    access: Access = Access.PUBLIC
    is_enabled: bool = True
    next_at: datetime | None = None

    @property
    def origin(self) -> str:
        """The source's name among the origins of data sets."""
        return f"{HARVESTED}{self.name}"


@dataclass(frozen=True, slots=True)
class Record:
    """What the other catalogue says of one thing: its content, or why it cannot be read.

    `remote_id` tells it from the others of the source, `uri` from all others anywhere, where it has one; `original` is
    the address that it has where the source itself found it. `name` is the name it would like, `fingerprint` changes
    when what it says changes.
    """

    remote_id: str
    fingerprint: str
    uri: str = ""
    name: str = ""
    title: str = ""
    kind: Kind = Kind.FILE
    content: Content | None = None
    error: str = ""
    original: str = ""

    @property
    def first_uri(self) -> str:
        """The address where it was published first, as far as it says so."""
        return self.original or self.uri


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the other catalogue, and where the next part begins; None after the last one."""

    records: tuple[Record, ...]
    following: str | None


class RunState(StrEnum):
    """How far a run has come."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


COUNTS = ("seen", "created", "updated", "unchanged", "skipped", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of a source: how many records were seen and what became of them, and what went wrong."""

    run_id: int
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    note: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()
    place: str = ""
