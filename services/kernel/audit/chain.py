"""Audit records: each holds the hash of the one before it in its segment, so that none can be changed or taken out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did or was refused: the action is a route, `target` the path, `status` the HTTP status."""

    at: str
    actor: str
    action: str
    target: str
    status: int
    tenant: str | None = None
    correlator: str = ""
    heads: Mapping[str, str] | None = None
    """In a segment's first record: the last hash of each segment there was, so that none of them can be cut short."""
    count: int = 1
    """How often, from `at` on, where one record stands for many alike."""

    @property
    def content(self) -> dict[str, Any]:
        """What is hashed: a count of one is left out, as in records from before there were counts."""
        content = asdict(self)
        if self.count == 1:
            del content["count"]
        return content


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An act at its place in a segment: one process's chain of records, numbered from 1."""

    segment: str
    number: int
    act: Act
    previous: str
    hash: str

    @property
    def document(self) -> dict[str, Any]:
        """The record as it is exported."""
        return {
            "segment": self.segment,
            "number": self.number,
            **self.act.content,
            "previous": self.previous,
            "hash": self.hash,
        }


def chained(segment: str, number: int, act: Act, previous: str) -> AuditRecord:
    """Return the record of an act after another one; the first of a segment comes after the empty text."""
    content = orjson.dumps([segment, number, act.content, previous], option=orjson.OPT_SORT_KEYS)
    return AuditRecord(segment, number, act, previous, hashlib.sha256(content).hexdigest())


def chain(segment: str, last: AuditRecord | None, acts: Iterable[Act]) -> list[AuditRecord]:
    """Return the records of acts that come after the last one of a segment."""
    records: list[AuditRecord] = []
    for act in acts:
        last = chained(segment, last.number + 1 if last else 1, act, last.hash if last else "")
        records.append(last)
    return records


def record_of(document: Mapping[str, Any]) -> AuditRecord:
    """Read an exported record. Raises KeyError, TypeError."""
    act = {name: document[name] for name in Act.__dataclass_fields__ if name != "count"}
    act["count"] = document.get("count", 1)
    number = int(document["number"])
    return AuditRecord(str(document["segment"]), number, Act(**act), str(document["previous"]), str(document["hash"]))


def faults(records: Iterable[AuditRecord]) -> list[str]:
    """Return what is wrong with records that come by segment and number: nothing, if nobody touched them."""
    found: list[str] = []
    hashes: dict[str, set[str]] = {}
    heads: dict[str, str] = {}
    last: AuditRecord | None = None
    for record in records:
        where = f"segment {record.segment}, record {record.number}"
        before = last if last is not None and last.segment == record.segment else None
        if record.number != (before.number + 1 if before else 1):
            found.append(f"{where}: a record is missing before it")
        if record.previous != (before.hash if before else ""):
            found.append(f"{where}: it does not follow the record before it")
        if chained(record.segment, record.number, record.act, record.previous).hash != record.hash:
            found.append(f"{where}: it was changed")
        hashes.setdefault(record.segment, set()).add(record.hash)
        heads.update(record.act.heads or {})
        last = record
    for segment, head in heads.items():
        if head not in hashes.get(segment, set()):
            found.append(f"segment {segment}: its end, or all of it, is missing")
    return found
