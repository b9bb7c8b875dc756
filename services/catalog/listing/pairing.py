"""Which entry of a list is which data set of an earlier edition."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.catalog.domain.dataset import Dataset, Origin
from services.catalog.listing.entry import Entry


@dataclass(frozen=True, slots=True)
class Pairing:
    """Entries with their data sets, entries that are new, data sets that the list no longer has."""

    known: tuple[tuple[Entry, Dataset], ...]
    new: tuple[Entry, ...]
    missing: tuple[Dataset, ...]


def pair(entries: Iterable[Entry], datasets: Iterable[Dataset]) -> Pairing:
    """Pair by page and name; then by a page, then by a name, that is unique on both sides.

    So a data set that is renamed, or that moves to another page, stays the same data set.
    """
    open_entries = {entry.key: entry for entry in entries}
    open_datasets = {_origin(each).key: each for each in datasets}
    known = []
    for entry_key, dataset_key in _rounds(open_entries, open_datasets):
        known.append((open_entries.pop(entry_key), open_datasets.pop(dataset_key)))
    known.sort(key=lambda each: each[0].row)
    return Pairing(tuple(known), tuple(open_entries.values()), tuple(open_datasets.values()))


def _rounds(entries: dict[str, Entry], datasets: dict[str, Dataset]) -> Iterable[tuple[str, str]]:
    yield from [(key, key) for key in entries if key in datasets]
    yield from _unique(entries, datasets, lambda entry: entry.url, lambda origin: origin.url)
    yield from _unique(entries, datasets, lambda entry: entry.name, lambda origin: origin.name)


def _unique(
    entries: dict[str, Entry],
    datasets: dict[str, Dataset],
    of_entry: Callable[[Entry], str],
    of_origin: Callable[[Origin], str],
) -> list[tuple[str, str]]:
    left = Counter(of_entry(entry) for entry in entries.values())
    right = Counter(of_origin(_origin(each)) for each in datasets.values())
    by_value = {of_origin(_origin(each)): key for key, each in datasets.items()}
    found = []
    for key, entry in entries.items():
        value = of_entry(entry)
        if value and left[value] == 1 and right[value] == 1:
            found.append((key, by_value[value]))
    return found


def _origin(dataset: Dataset) -> Origin:
    assert dataset.origin is not None
    return dataset.origin
