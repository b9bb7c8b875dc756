"""Parquet: the columns with their types, and the first rows."""

from typing import Any

from services.catalog.files.looking.cells import MOST_COLUMNS, MOST_ROWS, cell, rows_table


def look_at_parquet(content: bytes) -> dict[str, Any]:
    """Return what a Parquet file holds. Raises ValueError for one that cannot be read."""
    import pyarrow as pa  # noqa: PLC0415  # a large library: loaded when a file wants it
    import pyarrow.parquet as pq  # noqa: PLC0415

    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as file:
        schema, about = file.schema_arrow, file.metadata
        names = schema.names[:MOST_COLUMNS]
        columns = [(each.name, each.type, "" if each.nullable else "✓") for each in schema][:MOST_COLUMNS]
        batches = (
            file.iter_batches(MOST_ROWS, columns=names, use_threads=False) if about.num_rows and names else iter(())
        )
        first = next(batches, None)
        rows = [] if first is None else zip(*(column.to_pylist() for column in first.columns), strict=True)
        shown = rows_table(
            "first", [] if first is None else first.schema.names, [list(row) for row in rows], about.num_rows
        )
    facts = {"records": about.num_rows, "columns": len(schema.names), "groups": about.num_row_groups}
    facts |= {"writer": cell(about.created_by)} if about.created_by else {}
    return {
        "kind": "parquet",
        "facts": facts,
        "tables": [rows_table("schema", ("column", "type", "required"), columns, len(schema.names)), shown],
    }
