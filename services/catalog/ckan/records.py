"""Rows in the forms of `records_format`."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson

RecordsFormat = Literal["objects", "lists", "csv", "tsv"]


def records(rows: Sequence[Mapping[str, Any]], names: Sequence[str], form: RecordsFormat) -> Any:
    """Return rows as objects, lists, or a text without a header, which is written as PostgreSQL's COPY writes CSV."""
    if form == "objects":
        return [{name: row[name] for name in names} for row in rows]
    if form == "lists":
        return [[row[name] for name in names] for row in rows]
    written = io.StringIO()
    lines = csv.writer(written, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
    lines.writerows([_cell(row[name]) for name in names] for row in rows)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "t" if value else "f"
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
