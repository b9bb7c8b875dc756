"""The rules by which a row was repaired, and what is thrown where it cannot become an entity."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.feeds.feed import Refused
from services.ingest.importing.cells import REMARKS, Cell
from services.ingest.importing.words import RULES


class RowRefused(Exception):
    """The row cannot become an entity"""

    def __init__(self, reason: str, detail: str, column: str = "") -> None:
        self.refusal = Refused(reason, detail, column)
        super().__init__(detail)


@dataclass(slots=True)
class Repairs:
    """The rules that a row needed, in order. With `is_strict` the first one that changes a cell refuses the row."""

    is_strict: bool
    rules: dict[str, None] = field(default_factory=dict)

    def note(self, cell: Cell, columns: Sequence[str]) -> None:
        """Note a cell's rules. Raises RowRefused."""
        for rule in cell.rules:
            if self.is_strict and rule not in REMARKS:
                raise RowRefused(rule, f"{RULES[rule]}: strict reading refuses that", columns[0] if columns else "")
            self.rules[rule] = None
