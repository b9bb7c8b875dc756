"""The order in which an entity's attributes were written: NGSIv2 shows it, jsonb does not keep it.

jsonb orders names by length, then by bytes. An attribute that would come elsewhere carries its place as `rank` in its
first instance; attributes without one come first, as jsonb has them. Most updates write no new attribute and so cost
nothing more.
"""

from collections.abc import Iterable
from typing import Final

from services.broker.domain.attribute import Attributes, Instance

RANK: Final = "rank"


def in_order(attributes: Attributes) -> Iterable[tuple[str, list[Instance]]]:
    """Return attributes in the order in which they were written."""
    if any(RANK in instances[0] for instances in attributes.values()):
        return sorted(attributes.items(), key=_rank)
    return attributes.items()


def ranked(before: Attributes, after: Attributes) -> Attributes:
    """Rank the attributes that are new, whose instances are not shared yet: behind those that were there."""
    if before.keys() >= after.keys():
        return after
    new = [name for name in after if name not in before]
    kept = [instances[0].get(RANK, 0) for name, instances in after.items() if name in before]
    highest = max(kept, default=0)
    if highest == 0 and _is_order_of_jsonb(before, after, new):
        return after
    for place, name in enumerate(new, highest + 1):
        after[name][0][RANK] = place
    return after


def unranked(attributes: Attributes) -> Attributes:
    """Forget the places of attributes whose instances are not shared yet."""
    for instances in attributes.values():
        instances[0].pop(RANK, None)
    return attributes


def _rank(item: tuple[str, list[Instance]]) -> int:
    return int(item[1][0].get(RANK, 0))


def _is_order_of_jsonb(before: Attributes, after: Attributes, new: list[str]) -> bool:
    places = [_place(name) for name in new]
    if places != sorted(places):
        return False
    return all(_place(name) < places[0] for name in after if name in before)


def _place(name: str) -> tuple[int, bytes]:
    encoded = name.encode()
    return len(encoded), encoded
