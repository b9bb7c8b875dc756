"""What changed from one data map to another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.catalog.datamap.data_map import DataMap, DatasetEntry, ServiceEntry

Entry = ServiceEntry | DatasetEntry


class View(StrEnum):
    """A side of the map."""

    SERVICES = "services"
    DATASETS = "datasets"


@dataclass(frozen=True, slots=True)
class Altered:
    """A member of an entry that is not what it was."""

    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Step:
    """An entry that is new (`added`), gone (`removed`) or not what it was (`changed`)."""

    view: View
    key: str
    name: str
    kind: str
    altered: tuple[Altered, ...] = ()


def difference(before: DataMap, after: DataMap) -> list[Step]:
    """Return the steps from one map to another: services first, in the order of their keys."""
    services = _steps(View.SERVICES, before.services, after.services)
    return [*services, *_steps(View.DATASETS, before.datasets, after.datasets)]


def _steps(view: View, before: Sequence[Entry], after: Sequence[Entry]) -> list[Step]:
    there, present = {each.key: each for each in before}, {each.key: each for each in after}
    steps = []
    for key in sorted(there.keys() | present.keys()):
        old, new = there.get(key), present.get(key)
        if old is None and new is not None:
            steps.append(Step(view, key, new.name, "added"))
        elif new is None and old is not None:
            steps.append(Step(view, key, old.name, "removed"))
        elif old is not None and new is not None and old != new:
            steps.append(Step(view, key, new.name, "changed", _altered(old, new)))
    return steps


def _altered(old: Entry, new: Entry) -> tuple[Altered, ...]:
    was, now = asdict(old), asdict(new)
    return tuple(Altered(member, was[member], now[member]) for member in was if was[member] != now[member])
