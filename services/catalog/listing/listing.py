"""A whole list: its entries, its refusals, and what was put right."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.catalog.listing.column import Column
from services.catalog.listing.decode import decode
from services.catalog.listing.entry import Entry, Refusal, read_entry
from services.catalog.listing.repair import Repairs, Rule
from services.catalog.listing.table import read_rows


@dataclass(frozen=True, slots=True)
class Listing:
    """What a file says. `rows_read` = entries + refusals + `empty_rows` (nothing but a running number)."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    empty_rows: tuple[int, ...]
    repairs: Repairs

    @property
    def rows_read(self) -> int:
        """How many rows below the header are not blank."""
        return len(self.entries) + len(self.refusals) + len(self.empty_rows)


def read_listing(body: bytes) -> Listing:
    """Read a list of open data. Raises InvalidRequest if it is no such file at all."""
    repairs = Repairs()
    rows = read_rows(decode(body, repairs), repairs)
    results = [read_entry(row, repairs) for row in rows if not row.is_empty]
    refusals = [each for each in results if isinstance(each, Refusal)]
    entries, repeated = _without_repetitions(each for each in results if isinstance(each, Entry))
    _note_shared(entries, lambda entry: entry.url, Rule.SHARED_URL, repairs)
    _note_shared(entries, lambda entry: entry.name, Rule.REPEATED_NAME, repairs)
    return Listing(
        tuple(entries),
        tuple(sorted([*refusals, *repeated], key=lambda refusal: refusal.row)),
        tuple(row.number for row in rows if row.is_empty),
        repairs,
    )


def _without_repetitions(entries: Iterable[Entry]) -> tuple[list[Entry], list[Refusal]]:
    first: dict[str, Entry] = {}
    repeated = []
    for entry in entries:
        if entry.key in first:
            reason = f"dataName and url are the same as in row {first[entry.key].row}"
            repeated.append(Refusal(entry.row, Column.NAME, reason))
        else:
            first[entry.key] = entry
    return list(first.values()), repeated


def _note_shared(entries: Iterable[Entry], value: Callable[[Entry], str], rule: Rule, repairs: Repairs) -> None:
    rows: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        rows[value(entry)].append(entry.row)
    for shared, numbers in rows.items():
        if shared and len(numbers) > 1:
            repairs.note(rule, *numbers)
