"""Grams that a text certainly has where a filter compares it with something, whatever stands around that."""

import re
from collections.abc import Iterator
from typing import Final

from services.catalog.domain.search_terms import normalise, required_grams

_STEADY: Final = re.compile(r"(?:(?![箇個ケ])[\u3400-\u9fffぁ-ゔァ-ヴA-Za-z0-9])+")
"""Letters that are normalised each by itself; ヶ ケ 箇 個 々 and marks are read by their neighbours."""

_KANJI: Final = re.compile(r"[\u3400-\u9fff]")
_PATTERN: Final = re.compile(r"\\(.)|([%_])|([^%_\\]+)", re.DOTALL)
_HOLE: Final = "\0"


def grams_of_value(value: str) -> frozenset[str]:
    """Return what every text needs to have that holds a value, or one that is the same but for case."""
    return frozenset(gram for run in _STEADY.findall(value) for gram in required_grams(normalise(_certain(run))))


def grams_of_pattern(pattern: str) -> frozenset[str]:
    """Return what every text needs to have that a pattern (`%`, `_`, backslash) matches, but for case."""
    return grams_of_value("".join(_said(pattern)))


def _said(pattern: str) -> Iterator[str]:
    for escaped, wild, plain in _PATTERN.findall(pattern):
        yield _HOLE if wild else escaped or plain


def _certain(run: str) -> str:
    """Leave out a last letter that a mark behind it may change (か゛, e´), and what is then too short to tell."""
    certain = run if _KANJI.match(run[-1]) else run[:-1]
    return certain if len(certain) > 1 or _KANJI.match(certain) else ""
