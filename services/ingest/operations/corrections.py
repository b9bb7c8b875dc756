"""Refused rows of a run: written as a file in their own layout, and taken again when they have been corrected."""

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from services.ingest.feeds.feed import Destination, Record, Refused
from services.ingest.importing.identity import NoIdentity
from services.ingest.importing.mapping import Mapping as FileMapping
from services.ingest.importing.rows import SAME_ID, RowReader
from services.ingest.importing.source import OpenedFile, Reading, reopen_file
from services.ingest.importing.table import Row
from services.ingest.importing.words import in_japanese
from services.ingest.operations.imports import Importing, write_in_lanes
from services.ingest.operations.writing import Item, Writer
from services.ingest.sink.port import SinkAway
from services.ingest.store.refusals import Key, RefusalStore, RefusedRow, Sent
from services.ingest.store.runs import RUNNING, ImportRun
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, InvalidRequest, Unavailable
from services.kernel.tenancy import TenantDirectory

ROW, REASON, FIELD, DETAIL, PART, JAPANESE = "←row", "←reason", "←field", "←detail", "←part", "←理由"
_MOST_ROWS = 20_000
_AT_ONCE = 16


class EntityReader(Protocol):
    """Reads what is stored of an entity."""

    async def read(self, tenant: str, entity_id: str, names: Sequence[str]) -> Mapping[str, Any]:
        """Return those of an entity's attributes that it has. Raises SinkAway."""
        ...


@dataclass(frozen=True, slots=True)
class EntityStore:
    """Where corrected rows go, and where it is asked whom they would overwrite."""

    writer: Writer
    reader: EntityReader


@dataclass(frozen=True, slots=True)
class Correction:
    """What became of rows that were sent again, and the run after it."""

    sent: int
    accepted: int
    refused: int
    run: ImportRun


def written_rows(rows: Sequence[RefusedRow]) -> bytes:
    """Write refused rows as CSV (UTF-8 with a byte order mark, for spreadsheets): their cells, then why.

    The columns that are not the file's begin with `←`, which an import drops; `←row` names the row when it comes again.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row.cells))
    parts = [PART] if any(row.part for row in rows) else []
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([*columns, ROW, *parts, REASON, FIELD, DETAIL, JAPANESE])
    for row in rows:
        cells = [row.cells.get(name, "") for name in columns]
        why = [row.reason, row.field, row.detail, in_japanese(row.reason)]
        writer.writerow([*cells, row.row, *([row.part] if parts else []), *why])
    return output.getvalue().encode("utf-8-sig")


class Correcting:
    """Takes corrected rows of a run."""

    def __init__(
        self,
        importing: Importing,
        refusals: RefusalStore,
        tenants: TenantDirectory,
        entities: EntityStore,
        clock: Clock,
    ) -> None:
        self._importing = importing
        self._refusals = refusals
        self._tenants = tenants
        self._entities = entities
        self._clock = clock

    async def take(self, run: ImportRun, content: bytes) -> Correction:
        """Read corrected rows as their run read them, write them, and bring the run's report up to date.

        A row whose new number is that of an entity which is there already stays refused: it would overwrite another.
        Raises Conflict for a run under way or of a feed; InvalidRequest for a file without the numbers of refused rows;
        Unavailable.
        """
        if run.status == RUNNING:
            raise Conflict(f"Import run {run.run_id} is under way: send its refused rows when it has ended")
        if "mapping" not in run.plan:
            raise Conflict("Rows of a feed cannot be sent again: correct its document and import that")
        shelf = await self._importing.shelf(run.tenant)
        opened = await asyncio.to_thread(_opened, content, run, shelf.known_columns)
        former = await self._former(run)
        destination = Destination(run.tenant, str(run.plan["path"]))
        read = await asyncio.to_thread(lambda: list(_records(opened, destination, former)))
        records = await self._without_others(run.tenant, read, _Names(opened, former))
        items = [Item(run.tenant, destination.path, each.entity) for each in records if each.entity is not None]
        await write_in_lanes(self._entities.writer, items)
        sent = _settled(records, items, former)
        tenant = await self._tenants.find_or_create(run.tenant)
        after = await self._refusals.settle(run, tenant.tenant_id, sent, self._clock())
        return Correction(len(records), len(sent.accepted), len(sent.refused), after)

    async def _without_others(self, tenant: str, records: Sequence[Record], names: "_Names") -> list[Record]:
        """Refuse the rows that were given the number of an entity that has their attributes already."""
        renamed = [each for each in records if each.entity is not None and names.is_renamed(each)]
        taken: set[Key] = set()
        for start in range(0, len(renamed), _AT_ONCE):
            some = renamed[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self._stored(tenant, each.entity or {}) for each in some))
            taken |= {(each.part, each.number) for each, is_stored in zip(some, found, strict=True) if is_stored}
        return [_refused_as_taken(each) if (each.part, each.number) in taken else each for each in records]

    async def _stored(self, tenant: str, entity: Mapping[str, Any]) -> bool:
        attributes = [name for name, value in entity.items() if isinstance(value, Mapping)]
        try:
            return bool(await self._entities.reader.read(tenant, str(entity["id"]), attributes))
        except SinkAway as error:
            raise Unavailable(str(error)) from error

    async def _former(self, run: ImportRun) -> Mapping[Key, RefusedRow]:
        _, rows = await self._refusals.list(run.tenant, run.run_id)
        return {(row.part, row.row): row for row in rows}


def _opened(content: bytes, run: ImportRun, known: frozenset[str]) -> OpenedFile:
    mapping = FileMapping.model_validate(run.plan["mapping"])
    reading = replace(Reading(**run.plan["reading"]), encoding=None, sheet=None)
    opened = reopen_file(content, mapping, known, reading)
    if opened.table.size > _MOST_ROWS:
        raise InvalidRequest(f"At most {_MOST_ROWS:,} rows can be sent again at once", field="body")
    return replace(opened, identity=replace(opened.identity, way=run.plan["named_by"]))


def _records(opened: OpenedFile, destination: Destination, former: Mapping[Key, RefusedRow]) -> Iterator[Record]:
    """Read corrected rows under the numbers that they had in their file."""
    numbers = opened.table.column(ROW)
    parts = opened.table.column(PART)
    if numbers is None:
        raise InvalidRequest(f"The file lacks the column {ROW}, which names the refused rows", field="body")
    reader = RowReader(opened.mapping, destination, opened.identity, opened.reading.is_strict)
    seen: set[Key] = set()
    for record, number, part in zip(reader.read(opened.table), numbers, parts or [""] * len(numbers), strict=True):
        if record.entity is None and record.refusal is None:
            continue
        key = part.strip(), int(number) if number.strip().isdecimal() else 0
        if key not in former or key in seen:
            raise InvalidRequest(f"Row {number:.20} is none that the run has refused, or stands twice", field=ROW)
        seen.add(key)
        yield _still_refused(replace(record, number=key[1], part=key[0]), former[key])


@dataclass(frozen=True, slots=True)
class _Names:
    """What rows were named by when they were refused."""

    opened: OpenedFile
    former: Mapping[Key, RefusedRow]

    def is_renamed(self, record: Record) -> bool:
        """Tell whether a row was corrected in what names it; not where its number had lost its digits."""
        cells = self.former[record.part, record.number].cells
        before, after = (Row(record.number, each) for each in (cells, record.cells or cells))
        try:
            return self.opened.identity.of(before) != self.opened.identity.of(after)
        except NoIdentity:
            return False


def _refused_as_taken(record: Record) -> Record:
    entity_id = (record.entity or {})["id"]
    words = f"The row was given the id of another that is there already: {entity_id}"
    return replace(record, entity=None, refusal=Refused(SAME_ID, words))


def _still_refused(record: Record, former: RefusedRow) -> Record:
    """Refuse a row again that still names the entity of the earlier row, which it would overwrite."""
    if record.entity is None or former.reason != SAME_ID or not former.detail.endswith(f" {record.entity['id']}"):
        return record
    return replace(record, entity=None, refusal=Refused(SAME_ID, former.detail, former.field))


def _settled(records: Sequence[Record], items: Sequence[Item], former: Mapping[Key, RefusedRow]) -> Sent:
    waiting = iter(items)
    accepted: list[Key] = []
    refused: list[tuple[Record, Refused]] = []
    created = 0
    for record in records:
        refusal = record.refusal
        item = next(waiting) if record.entity is not None else None
        if item is not None and item.refusal is not None:
            refusal = Refused(item.refusal.reason.value, item.refusal.detail)
        if refusal is None:
            accepted.append((record.part, record.number))
            created += item is not None and item.is_created
        else:
            refused.append((record, refusal))
    meanings = {refusal.reason: in_japanese(refusal.reason) for _, refusal in refused}
    return Sent(accepted, refused, {key: row.reason for key, row in former.items()}, created, meanings)
