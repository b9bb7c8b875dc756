"""The account of an import: every record of the document stands in it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.feeds.feed import Record, Refused
from services.ingest.importing.words import in_japanese

MOST_LISTED = 1000
_MOST_REASONS = 200


@dataclass(slots=True)
class Tally:
    """How many rows, and the first of them."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    detail: str = ""

    def add(self, row: int) -> None:
        """Count a row."""
        self.count += 1
        if len(self.rows) < MOST_LISTED:
            self.rows.append(row)

    def document(self) -> dict[str, Any]:
        """Write count and rows."""
        return {"count": self.count, "rows": list(self.rows)}


@dataclass(slots=True)
class Report:
    """Rows by what became of them. `rows = accepted + empty + refused`; a repaired row is an accepted one."""

    accepted: int = 0
    created: int = 0
    empty: Tally = field(default_factory=Tally)
    repaired: dict[str, Tally] = field(default_factory=dict)
    refused: dict[str, Tally] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows have been read."""
        return self.accepted + self.empty.count + sum(tally.count for tally in self.refused.values())

    def note(self, record: Record, refusal: Refused | None, *, is_created: bool = False) -> None:
        """Note what became of a record; `refusal` is its own, or that of the broker."""
        if refusal is not None:
            self._tally(refusal).add(record.number)
        elif record.entity is None:
            self.empty.add(record.number)
        else:
            self.accepted += 1
            self.created += is_created
            for rule in dict.fromkeys(record.repairs):
                self.repaired.setdefault(rule, Tally()).add(record.number)

    def _tally(self, refusal: Refused) -> Tally:
        reason = refusal.reason if refusal.reason in self.refused or len(self.refused) < _MOST_REASONS else "other"
        tally = self.refused.setdefault(reason, Tally())
        tally.detail = tally.detail or refusal.detail
        return tally

    def document(self, rules: Mapping[str, str]) -> dict[str, Any]:
        """Write the report; at most 1,000 row numbers are listed for each rule and reason."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "created": self.created,
            "empty": self.empty.document(),
            "repaired": [
                {
                    "rule": rule,
                    "description": rules.get(rule, rule),
                    "description_ja": in_japanese(rule),
                    **tally.document(),
                }
                for rule, tally in sorted(self.repaired.items())
            ],
            "refused": [
                {
                    "reason": reason,
                    "detail": tally.detail,
                    "description_ja": in_japanese(reason),
                    **tally.document(),
                }
                for reason, tally in sorted(self.refused.items())
            ],
        }


def report_of(document: Mapping[str, Any]) -> Report:
    """Read a report that was written, so that counting goes on."""
    report = Report(int(document.get("accepted") or 0), int(document.get("created") or 0))
    report.empty = _tally_of(document.get("empty") or {})
    report.repaired = {each["rule"]: _tally_of(each) for each in document.get("repaired") or ()}
    report.refused = {each["reason"]: _tally_of(each) for each in document.get("refused") or ()}
    return report


def _tally_of(document: Mapping[str, Any]) -> Tally:
    rows: Sequence[int] = document.get("rows") or ()
    return Tally(int(document.get("count") or 0), list(rows), str(document.get("detail") or ""))
