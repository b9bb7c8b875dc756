"""Values derived from a measure and the device's static attributes: an extension of the device data model.

    {"name": "alertLevel", "kind": "rank-of-threshold", "of": "waterLevel",
     "thresholds": ["standbyLevel", "cautionLevel", "evacuationLevel", "dangerLevel"]}

gives the place, from 1, of the last threshold in the list that the value reaches, and 0 below all of them.
A threshold that the device does not have is skipped; without any, or without the value, nothing is derived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RANK_OF_THRESHOLD = "rank-of-threshold"


@dataclass(frozen=True, slots=True)
class RankOfThreshold:
    """Which of a device's thresholds a value has reached."""

    name: str
    of: str
    thresholds: Sequence[str]

    def derive(self, measured: Mapping[str, object], static: Mapping[str, object]) -> int | None:
        """Return the rank, or none where it cannot be told. Both maps are values by attribute name."""
        value = _number(measured.get(self.of))
        if value is None:
            return None
        limits = [_number(measured.get(name, static.get(name))) for name in self.thresholds]
        if all(limit is None for limit in limits):
            return None
        reached = [place for place, limit in enumerate(limits, 1) if limit is not None and value >= limit]
        return max(reached, default=0)


def derivation(fields: Mapping[str, Any]) -> RankOfThreshold:
    """Read one of a device's `derivations`, which provisioning has checked."""
    return RankOfThreshold(fields["name"], fields["of"], tuple(fields["thresholds"]))


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
