"""Words for the values that models list, for readers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LABELS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "available": ("○ 使える", "yes"),
        "limited": ("△ 一部使える", "in part"),
        "unavailable": ("× 使えない", "no"),
        "notApplicable": ("－ 対象外", "does not apply"),
    }
)


def value_label(value: str, language: str) -> str:
    """Return what a listed value means in `ja` or `en`, the value itself where there are no words for it."""
    japanese, english = LABELS.get(value, (value, value))
    return japanese if language == "ja" else english
