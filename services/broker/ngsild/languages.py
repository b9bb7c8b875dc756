"""Choosing a language of a LanguageProperty (4.15): ranges of RFC 4647, ranked by weight."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any


def best_text(texts: Mapping[str, Any], ranges: str) -> tuple[str, Any]:
    """Return the tag and text that fit language ranges best: `fr-CH, fr;q=0.9, en;q=0.8, *;q=0.1`.

    Where none fits: `@none`, then English, then the first; an empty text where there is none.
    """
    if not texts:
        return "@none", ""
    by_fold = {tag.lower(): tag for tag in texts}
    for wanted in _ranked(ranges):
        if wanted == "*":
            break
        tag = _look_up(by_fold, wanted)
        if tag is not None:
            return tag, texts[tag]
    tag = next((by_fold[each] for each in ("@none", "en") if each in by_fold), next(iter(texts)))
    return tag, texts[tag]


@lru_cache(maxsize=512)
def _ranked(ranges: str) -> tuple[str, ...]:
    weighted = []
    for part in ranges.split(","):
        wanted, *options = [piece.strip().lower() for piece in part.split(";")]
        weight = next((_weight(each) for each in options if each.startswith("q=")), 1.0)
        if wanted and weight > 0:
            weighted.append((weight, wanted))
    return tuple(wanted for _, wanted in sorted(weighted, key=lambda each: -each[0]))


def _weight(option: str) -> float:
    try:
        return float(option.removeprefix("q="))
    except ValueError:
        return 0.0


def _look_up(by_fold: Mapping[str, str], wanted: str) -> str | None:
    """Look a range up, shortened from its end until it fits (RFC 4647 3.4); then any tag below it."""
    shorter = wanted
    while shorter:
        if shorter in by_fold:
            return by_fold[shorter]
        shorter = shorter.rpartition("-")[0]
    return next((tag for fold, tag in by_fold.items() if fold.startswith(wanted + "-")), None)
