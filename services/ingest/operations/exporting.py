"""Entities as the file that they came from: by a mapping's layout, or by that of an import's file."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from services.ingest.importing.mapping import Mapping
from services.ingest.importing.written import RowWriter
from services.ingest.sink.reading import Entity, HttpEntities, Sought
from services.ingest.store.runs import ImportRun
from services.kernel.errors import Conflict

_GETA = "〓"
"""What stands for a sign that the encoding lacks, as in Japanese print."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: a mapping's entities in a layout, in an encoding."""

    mapping: Mapping
    layout: Sequence[str] = ()
    encoding: str = "utf-8-sig"


def export_of(run: ImportRun) -> Export:
    """Return what writes a run's file again. Raises Conflict for a feed's run, which has no layout."""
    if "mapping" not in run.plan:
        raise Conflict(f"Import run {run.run_id} is of a feed, which has no layout to write")
    return Export(
        Mapping.model_validate(run.plan["mapping"]), run.plan.get("layout") or run.report.get("columns") or ()
    )


class Exporting:
    """Writes entities as CSV."""

    def __init__(self, entities: HttpEntities) -> None:
        self._entities = entities

    async def rows(self, export: Export, sought: Sought) -> AsyncIterator[bytes]:
        """Yield the file in parts: the header with the first entities, then page by page.

        Raises what reading raises, before the first part or between two.
        """
        writer = RowWriter(export.mapping, sought.tenant, export.layout)
        wanted = replace(sought, type=export.mapping.type)
        encoding = export.encoding
        rows: list[list[str]] = [writer.header]
        async for page in self._entities.pages(wanted):
            rows += [writer.row(entity) for entity in page if _is_of(entity, export.mapping.type)]
            yield _encoded(rows, encoding)
            rows, encoding = [], encoding.removesuffix("-sig")
        if rows:
            yield _encoded(rows, encoding)


def _is_of(entity: Entity, entity_type: str) -> bool:
    types = entity.get("type")
    return entity_type in ([types] if isinstance(types, str) else types or [])


def _encoded(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows(rows)
    text = output.getvalue()
    if encoding != "cp932":
        return text.encode(encoding)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(_one(sign) for sign in text)


def _one(sign: str) -> bytes:
    try:
        return sign.encode("cp932")
    except UnicodeEncodeError:
        return _GETA.encode("cp932")
