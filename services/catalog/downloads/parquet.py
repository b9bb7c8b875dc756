"""Rows in JSON lines as a Parquet file, row group after row group: memory holds one row group's columns at most."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.catalog.domain.live_statistics import LiveAttribute
from services.kernel.clock import from_iso

_GROUP_BYTES = 8 * 1024 * 1024
"""So many lines make a row group: smaller ones make larger files."""

_BATCH_BYTES = 256 * 1024
"""So many lines are read at once: as objects of Python they take ten times the room that they take in columns."""

_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class ParquetColumn:
    """A column: its name, and what it holds: `double`, `boolean`, `time` or `text`."""

    name: str
    kind: str


def columns_of(attributes: Iterable[LiveAttribute], rows: Sequence[Mapping[str, Any]]) -> list[ParquetColumn]:
    """Return a type for each column of an export, from what is known of the attributes' values, else of these rows'."""
    forms = {each.name: frozenset(each.values) - {"null"} for each in attributes}
    return [ParquetColumn(name, _kind(name, forms, rows)) for name in rows[0]]


def _kind(name: str, forms: Mapping[str, frozenset[str]], rows: Sequence[Mapping[str, Any]]) -> str:
    seen = forms.get(name) or frozenset(_form(row[name]) for row in rows if row.get(name) is not None)
    if seen and seen <= _NUMBERS:
        return "double"
    base, _, part = name.rpartition("_")
    if base in forms and part == "observedAt":
        return "time"
    return {frozenset({"boolean"}): "boolean", frozenset({"date-time"}): "time"}.get(seen, "text")


def _form(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "other"


async def parquet(parts: AsyncIterator[bytes], attributes: Sequence[LiveAttribute]) -> AsyncIterator[bytes]:
    """Yield a Parquet file of rows in JSON lines that have the same members in the same order.

    A value that does not fit its column's type, though it was not seen before, is left out there and told in the
    column `_unfit` (JSON), so that nothing is lost.
    """
    writer: _Writer | None = None
    async for lines in _batches(parts):
        rows = await asyncio.to_thread(_rows, lines)
        if writer is None:
            writer = _Writer(columns_of(attributes, rows))
        if group := await asyncio.to_thread(writer.write, rows, len(lines)):
            yield group
    if writer is None:
        writer = _Writer([ParquetColumn("id", "text"), ParquetColumn("type", "text")])
    yield await asyncio.to_thread(writer.close)


def _rows(lines: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines.split(b"\n") if line]


async def _batches(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held: list[bytes] = []
    size = 0
    async for part in parts:
        held.append(part)
        size += len(part)
        if size >= _BATCH_BYTES and b"\n" in part:
            whole, _, rest = b"".join(held).rpartition(b"\n")
            yield whole
            held, size = [rest], len(rest)
    left = b"".join(held).rstrip(b"\n")
    if left:
        yield left


class _Sink(io.RawIOBase):
    """A file that is written once from its beginning to its end; what was taken is not held any more."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """Tell that it is written."""
        return True

    def tell(self) -> int:
        """Return how much was written."""
        return self._position

    def write(self, data: Any) -> int:
        """Take bytes in."""
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class _Writer:
    def __init__(self, columns: Sequence[ParquetColumn]) -> None:
        import pyarrow as pa  # noqa: PLC0415  # a large library: loaded when the first file is wanted
        import pyarrow.parquet as pq  # noqa: PLC0415

        self._pa = pa
        types = {"double": pa.float64(), "boolean": pa.bool_(), "time": pa.timestamp("us", "UTC"), "text": pa.string()}
        self._columns = columns
        self._schema = pa.schema([*((each.name, types[each.kind]) for each in columns), ("_unfit", pa.string())])
        self._sink = _Sink()
        self._file = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._batches: list[Any] = []
        self._size = 0

    def write(self, rows: Sequence[Mapping[str, Any]], size: int) -> bytes:
        """Take rows in, `size` bytes as lines; return the row group that is full with them, if one is."""
        unfit: list[dict[str, Any]] = [{} for _ in rows]
        arrays = [self._array(each, rows, unfit) for each in self._columns]
        arrays.append(
            self._pa.array([orjson.dumps(each).decode() if each else None for each in unfit], self._pa.string())
        )
        self._batches.append(self._pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._size += size
        return self._end_group() if self._size >= _GROUP_BYTES else b""

    def close(self) -> bytes:
        """Return the last row group and the end of the file."""
        rest = self._end_group() if self._batches else b""
        self._file.close()
        return rest + self._sink.take()

    def _end_group(self) -> bytes:
        self._file.write_table(self._pa.Table.from_batches(self._batches))
        self._batches, self._size = [], 0
        return self._sink.take()

    def _array(self, column: ParquetColumn, rows: Sequence[Mapping[str, Any]], unfit: list[dict[str, Any]]) -> Any:
        values = []
        for place, row in enumerate(rows):
            value, fits = _fitted(row.get(column.name), column.kind)
            values.append(value)
            if not fits:
                unfit[place][column.name] = row[column.name]
        return self._pa.array(values, self._schema.field(column.name).type)


def _fitted(value: Any, kind: str) -> tuple[Any, bool]:
    """Return a value as a column of a kind holds it, and whether it can."""
    if value is None:
        return None, True
    match kind:
        case "double":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return (float(value), True) if is_number else (None, False)
        case "boolean":
            return (value, True) if isinstance(value, bool) else (None, False)
        case "time":
            return _instant(value)
        case _:
            return (value if isinstance(value, str) else orjson.dumps(value).decode()), True


def _instant(value: Any) -> tuple[datetime | None, bool]:
    try:
        return from_iso(value), True
    except (TypeError, ValueError):
        return None, False
