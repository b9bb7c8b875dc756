"""The account of an import: every row of the file stands in it once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.importing.cells import RULES

_MOST_ROWS_LISTED = 1000


@dataclass(slots=True)
class Report:
    """Rows by what became of them. `rows = accepted + empty + refused`; a repaired row is an accepted one.

    `accepted` has the rules by which each row was repaired, `refused` the reason and its words.
    """

    accepted: dict[int, Sequence[str]] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)

    def refuse(self, row: int, reason: str, detail: str) -> None:
        """Note a row that does not become an entity; one that was accepted before is no longer."""
        self.accepted.pop(row, None)
        self.refused[row] = reason, detail

    def document(self) -> dict[str, Any]:
        """Write the report; at most 1,000 row numbers are listed for each rule and reason."""
        repaired: dict[str, list[int]] = {}
        for row, rules in self.accepted.items():
            for rule in dict.fromkeys(rules):
                repaired.setdefault(rule, []).append(row)
        refused: dict[str, list[int]] = {}
        for row, (reason, _) in self.refused.items():
            refused.setdefault(reason, []).append(row)
        return {
            "rows": len(self.accepted) + len(self.empty) + len(self.refused),
            "accepted": len(self.accepted),
            "empty": _listed(self.empty),
            "repaired": [
                {"rule": rule, "description": RULES[rule], **_listed(rows)} for rule, rows in sorted(repaired.items())
            ],
            "refused": [
                {"reason": reason, "detail": self.refused[rows[0]][1], **_listed(rows)}
                for reason, rows in sorted(refused.items())
            ],
        }


def _listed(rows: Sequence[int]) -> dict[str, Any]:
    return {"count": len(rows), "rows": list(rows[:_MOST_ROWS_LISTED])}
