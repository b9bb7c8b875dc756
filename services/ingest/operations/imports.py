"""Importing a file: its rows become entities in the broker, and the run is stored with its report."""

import asyncio
from collections.abc import Mapping as Fields
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

_LONGEST_WRITE_S = 120.0


@dataclass(frozen=True, slots=True)
class FileToImport:
    """What was sent, for whom; `type` and `mapping` say what it is, where its columns do not."""

    tenant: str
    path: str
    content: bytes
    type: str | None = None
    mapping: str | None = None


class Importing:
    """Imports files. The same file again updates the same entities."""

    def __init__(self, tenants: TenantDirectory, runs: RunStore, writer: Writer, clock: Clock) -> None:
        self._tenants = tenants
        self._runs = runs
        self._writer = writer
        self._clock = clock

    async def run(self, file: FileToImport, shelf: MappingShelf) -> ImportRun:
        """Import a file. Raises InvalidRequest for one that cannot be read, Unavailable while the broker is away."""
        decoded = decode(file.content)
        table = await asyncio.to_thread(read_table, decoded.text)
        mapping = shelf.choose(table.columns, file.type, file.mapping)
        tenant = await self._tenants.find_or_create(file.tenant)
        started = self._clock()
        about = {
            "type": mapping.type,
            "mapping": mapping.name,
            "encoding": decoded.encoding,
            **_columns(table, mapping),
        }
        run_id = await self._runs.start(tenant.tenant_id, started, about)
        report = Report()
        reader = RowReader(mapping, file.tenant, file.path)
        numbered = await asyncio.to_thread(reader.read, table, report)
        items = [(row, Item(file.tenant, file.path, entity)) for row, entity in numbered]
        is_written = await self._write([item for _, item in items])
        for row, item in items:
            if item.refusal:
                report.refuse(row, item.refusal.reason.value, item.refusal.detail)
        created = sum(item.is_created for _, item in items if not item.refusal)
        status = "finished" if is_written else "failed"
        document = {**about, **report.document(), "created": created}
        run = ImportRun(run_id, file.tenant, started, self._clock(), status, document)
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


def _columns(table: Table, mapping: Mapping) -> Fields[str, Any]:
    unused = [name for name in table.columns if name not in mapping.known_columns]
    return {"dropped_columns": list(table.dropped), "unused_columns": unused}
