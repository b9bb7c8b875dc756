"""Words that are known, and which of them somebody meant who mistyped one."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import product

from services.catalog.domain.search_terms import grams, normalise

_WORD = re.compile(r"[\u3400-\u9fff々〆]{2,}|[ァ-ヶー]{2,}|[A-Za-z][A-Za-z0-9-]{2,}")
_LONGEST = 40
_MOST_FOUND = 10_000
_MOST_COMPARED = 200


def words_in(text: str) -> list[str]:
    """Return the words of a text, as far as they stand out: runs of kanji, of katakana and of Latin letters."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text))
    return [word for word in found if len(word) <= _LONGEST]


class Lexicon:
    """Known words with how often each is used, as written."""

    def __init__(self, words: Iterable[str]) -> None:
        uses: Counter[str] = Counter()
        self._written: dict[str, str] = {}
        for word in words:
            plain = normalise(word)
            uses[plain] += 1
            self._written.setdefault(plain, word)
        self._uses = uses
        self._found: dict[str, str | None] = {}
        self._with_gram: dict[tuple[int, str], list[str]] = {}
        for plain in uses:
            for gram in grams(plain):
                self._with_gram.setdefault((len(plain), gram), []).append(plain)

    def nearest(self, word: str) -> str | None:
        """Return the known word that takes the fewest changes, at most one in three characters; None without one."""
        plain = normalise(word)
        if plain in self._uses or not 2 <= len(plain) <= _LONGEST:
            return None
        if plain not in self._found:
            if len(self._found) >= _MOST_FOUND:
                self._found.clear()
            self._found[plain] = self._nearest(plain)
        return self._found[plain]

    def _nearest(self, plain: str) -> str | None:
        allowed = max(1, len(plain) // 3)
        lengths = range(len(plain) - allowed, len(plain) + allowed + 1)
        shared: Counter[str] = Counter()
        for each in product(lengths, grams(plain)):
            shared.update(self._with_gram.get(each, ()))
        ranked = [
            (changes, -self._uses[known], known)
            for known, _ in shared.most_common(_MOST_COMPARED)
            if (changes := _distance(plain, known)) <= allowed
        ]
        return self._written[min(ranked)[2]] if ranked else None


def _distance(one: str, other: str) -> int:
    """Count the insertions, deletions, replacements and swaps of neighbours that turn one text into the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, 1):
        before, last, row = row, before, [place]
        for at, wanted in enumerate(other, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (char != wanted))
            swapped = place > 1 and at > 1 and char == other[at - 2] and one[place - 2] == wanted
            row.append(min(cost, last[at - 2] + 1) if swapped else cost)
    return row[-1]
