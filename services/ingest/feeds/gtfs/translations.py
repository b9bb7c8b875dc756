"""Translations of a dataset, in both generations.

Today's `translations.txt` names table, field, language and a record or the value translated (GTFS Schedule); that of
GTFS-JP 1 and 2 has `trans_id`, the text in Japanese, wherever it stands.
"""

from collections.abc import Iterable

from services.ingest.feeds.gtfs.archive import NumberedRow, Row

_ANYWHERE = ""


class Translations:
    """Texts in other languages; `ja-Hrkt` is how a name is read, in kana."""

    def __init__(self, rows: Iterable[NumberedRow] = ()) -> None:
        self._by_record: dict[tuple[str, str, str, str], dict[str, str]] = {}
        self._by_value: dict[tuple[str, str, str], dict[str, str]] = {}
        for row in rows:
            self._add(row.cells)

    def of(self, table: str, field: str, record: tuple[str, str], value: str) -> dict[str, str]:
        """Return the translations of a cell: those of its record (id, sub-id), else of its text."""
        name = table.removesuffix(".txt")
        found = self._by_record.get((name, field, *record)) or self._by_value.get((name, field, value))
        return found or self._by_value.get((_ANYWHERE, _ANYWHERE, value)) or {}

    def _add(self, cells: Row) -> None:
        language, words = _tag(cells.get("language") or cells.get("lang") or ""), cells.get("translation")
        if not language or not words:
            return
        if "trans_id" in cells:
            self._by_value.setdefault((_ANYWHERE, _ANYWHERE, cells["trans_id"]), {})[language] = words
            return
        table, field = cells.get("table_name", ""), cells.get("field_name", "")
        if "record_id" in cells:
            key = table, field, cells["record_id"], cells.get("record_sub_id", "")
            self._by_record.setdefault(key, {})[language] = words
        elif "field_value" in cells:
            self._by_value.setdefault((table, field, cells["field_value"]), {})[language] = words


def _tag(language: str) -> str:
    """Write a language as BCP 47 has it: `ja-HrKt` of old datasets is `ja-Hrkt`."""
    first, _, script = language.partition("-")
    return f"{first.lower()}-{script.title()}" if len(script) == 4 else language
