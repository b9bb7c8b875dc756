"""How text is made findable in a language without spaces: NFKC, folded case and kana, bigrams within words.

Latin letters are few, so that a pair of them says little: there triples are looked for.
"""

import re
import unicodedata
from collections.abc import Iterable

IN_TITLE = " "
"""Stands before the grams of titles; no gram of a document contains a space."""

_LATIN = re.compile(r"(?=([a-z0-9]{3}))")
_KATAKANA = range(ord("ァ"), ord("ヶ") + 1)
_TO_HIRAGANA = ord("ァ") - ord("ぁ")
_FOLDED = {code: code - _TO_HIRAGANA for code in _KATAKANA} | {ord("ヵ"): ord("か"), ord("ヶ"): ord("け")}


def normalise(text: str) -> str:
    """Fold width, case and the kind of kana, and reduce white space to single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED).split())


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

    That are the Latin triples, the pairs that are in none of them, and words of one character as they are.
    """
    found: set[str] = set()
    for word in phrase.split():
        triples = _LATIN.findall(word)
        pairs = {word} if len(word) == 1 else {word[start : start + 2] for start in range(len(word) - 1)}
        found |= pairs.difference(*({triple[:2], triple[1:]} for triple in triples)).union(triples)
    return frozenset(found)


def in_title(found: Iterable[str]) -> frozenset[str]:
    """Mark grams as those of a title."""
    return frozenset(IN_TITLE + each for each in found)


def document(parts: Iterable[str]) -> str:
    """Join the normalised parts of a record, a line each, so that no phrase reaches over two parts."""
    return "\n".join(filter(None, map(normalise, parts)))
