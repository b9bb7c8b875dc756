"""How text is made findable in a language without spaces: NFKC, folded case, kana, dashes and forms of kanji, bigrams.

Latin letters are few, so that a pair of them says little: there triples are looked for.
"""

import re
import unicodedata
from collections.abc import Iterable

from services.catalog.domain.kanji_forms import FOLDS

IN_TITLE = " "
"""Stands before the grams of titles; no gram of a document contains a space."""

_LATIN = re.compile(r"(?=([a-z0-9]{3}))")
_LATIN_RUN = re.compile(r"[a-z0-9]{3,}")
_KATAKANA = range(ord("ァ"), ord("ヶ") + 1)
_TO_HIRAGANA = ord("ァ") - ord("ぁ")
_KANA = {code: code - _TO_HIRAGANA for code in _KATAKANA} | {ord("ヵ"): ord("か"), ord("ヶ"): ord("け")}
_DASHES = dict.fromkeys(map(ord, "-‐‑‒–—―−─━"), "ー") | {ord("〜"): "~"}
_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_FOLDED = str.maketrans(dict(FOLDS)) | _KANA | _DASHES | _SELECTORS
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff々"
_TELLING = re.compile("[々〻ゝゞヽヾヶヵケ箇個]")
_COUNTED = re.compile(f"(?<=[0-9一二三四五六七八九十百千数何])(?:[ヶケヵカ](?=[{_KANJI}])|[箇個](?=[所月国条]))")
_JOINED = re.compile(f"(?<=[{_KANJI}])(?:ヶ|ケ(?![ぁ-ゖァ-ヶー]))")
_REPEATED = re.compile("(.)(?:[々〻ゝヽ]|([ゞヾ]))")
_VOICED = "\u3099"


def normalise(text: str) -> str:
    """Fold width, case, the kind of kana, dashes and forms of kanji, and reduce white space to single spaces.

    ヶ is read as it is spoken: 三ヶ所 as 三か所, 関ヶ原 and 関ケ原 as 関が原; 々 is what it repeats.
    """
    plain = unicodedata.normalize("NFKC", text)
    if _TELLING.search(plain):
        plain = _REPEATED.sub(_repeat, _JOINED.sub("が", _COUNTED.sub("か", plain)))
    return " ".join(plain.casefold().translate(_FOLDED).split())


def _repeat(found: re.Match[str]) -> str:
    character = found[1]
    return character + (unicodedata.normalize("NFC", character + _VOICED) if found[2] else character)


def grams(text: str) -> frozenset[str]:
    """Return the characters, the pairs of neighbours and the Latin triples of every word of a normalised text."""
    found: set[str] = set()
    for word in text.split():
        found.update(word)
        found.update(word[start : start + 2] for start in range(len(word) - 1))
        found.update(_LATIN.findall(word))
    return frozenset(found)


def required_grams(phrase: str) -> frozenset[str]:
    """Return what a normalised phrase needs a document to have, and no less than that narrows.

    That are as few Latin triples as have all letters, the pairs that are in none, and words of one character as they
    are. Neighbouring triples stand in the same documents, and reading the list of each takes its time.
    """
    found: set[str] = set()
    for word in phrase.split():
        pairs = {word} if len(word) == 1 else {word[start : start + 2] for start in range(len(word) - 1)}
        found |= pairs.difference(*({triple[:2], triple[1:]} for triple in _LATIN.findall(word)))
        found.update(triple for run in _LATIN_RUN.findall(word) for triple in _side_by_side(run))
    return frozenset(found)


def _side_by_side(run: str) -> Iterable[str]:
    """Yield triples that have all letters of a run, of which the last two may overlap."""
    return (run[start : start + 3] for start in (*range(0, len(run) - 3, 3), len(run) - 3))


def in_title(found: Iterable[str]) -> frozenset[str]:
    """Mark grams as those of a title."""
    return frozenset(IN_TITLE + each for each in found)


def document(parts: Iterable[str]) -> str:
    """Join the normalised parts of a record, a line each, so that no phrase reaches over two parts."""
    return "\n".join(filter(None, map(normalise, parts)))
