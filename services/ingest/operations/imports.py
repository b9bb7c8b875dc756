"""Importing a file: its rows become entities in the broker, and the run is stored with its report."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.importing.decoding import decode
from services.ingest.importing.mapping import Mapping, MappingShelf
from services.ingest.importing.report import Report
from services.ingest.importing.rows import RowReader
from services.ingest.importing.table import Table, read_table
from services.ingest.operations.writing import Item, Writer
from services.ingest.store.runs import ImportRun, RunStore
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable
from services.kernel.tenancy import TenantDirectory

_LONGEST_WRITE_S = 60.0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read, and the mapping for it."""

    table: Table
    mapping: Mapping
    encoding: str

    def description(self) -> dict[str, Any]:
        """Write what the file is, for the report."""
        unused = [name for name in self.table.columns if name not in self.mapping.known_columns]
        return {
            "type": self.mapping.type,
            "mapping": self.mapping.name,
            "encoding": self.encoding,
            "dropped_columns": list(self.table.dropped),
            "unused_columns": unused,
        }


async def read_file(content: bytes, shelf: MappingShelf, entity_type: str | None, mapping: str | None) -> ReadFile:
    """Read a file; `entity_type` and `mapping` say what it is, where its columns do not.

    Raises InvalidRequest for one that cannot be read or that no mapping fits, NotFound for an unknown mapping.
    """
    decoded = decode(content)
    table = await asyncio.to_thread(read_table, decoded.text)
    return ReadFile(table, shelf.choose(table.columns, entity_type, mapping), decoded.encoding)


class Importing:
    """Imports files. The same file again updates the same entities."""

    def __init__(self, tenants: TenantDirectory, runs: RunStore, writer: Writer, clock: Clock) -> None:
        self._tenants = tenants
        self._runs = runs
        self._writer = writer
        self._clock = clock

    async def run(self, file: ReadFile, tenant: str, path: str) -> ImportRun:
        """Write a file's entities and store the run. Raises UnknownTenant; Unavailable while the broker is away."""
        known = await self._tenants.find_or_create(tenant)
        started = self._clock()
        run_id = await self._runs.start(known.tenant_id, started, file.description())
        report = Report()
        reader = RowReader(file.mapping, tenant, path)
        numbered = await asyncio.to_thread(reader.read, file.table, report)
        items = [(row, Item(tenant, path, entity)) for row, entity in numbered]
        is_written = await self._write([item for _, item in items])
        for row, item in items:
            if item.refusal:
                report.refuse(row, item.refusal.reason.value, item.refusal.detail)
        created = sum(item.is_created for _, item in items if not item.refusal)
        status = "finished" if is_written else "failed"
        document = {**file.description(), **report.document(), "created": created}
        run = ImportRun(run_id, tenant, started, self._clock(), status, document)
        await self._runs.finish(run)
        if not is_written:
            raise Unavailable(f"The broker is away: import run {run_id} is not complete, send the file again")
        return run

    async def _write(self, items: Sequence[Item]) -> bool:
        try:
            await asyncio.wait_for(self._writer.write(items), _LONGEST_WRITE_S)
        except TimeoutError:
            return False
        return True
