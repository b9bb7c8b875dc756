"""Searches as people make them: some that are asked again and again, some that nobody has asked before.

Of what is asked again, the n-th most frequent question comes 1/n as often as the first (Zipf); there are 2000. A tenth
of them are the bare front page. New ones are of several words, or of a word within a publisher, a format or a theme.
"""

import random
from collections.abc import Callable, Iterator
from itertools import accumulate
from urllib.parse import urlencode

from bench.words import COMMON, ENGLISH, FORMATS, KINDS, LICENCES, PUBLISHERS, RARE, SYLLABLES, THEMES, THINGS

Question = list[tuple[str, str]]
_KNOWN = 2_000
_FACETS = [("facet", name) for name in ("publisher", "theme", "format", "licence", "kind")]


def questions(new: float) -> Iterator[str]:
    """Yield addresses without end, a share of which was never asked before; the same every time."""
    chance = random.Random(10)
    known = [_known(chance) for _ in range(_KNOWN)]
    weights = list(accumulate(1 / rank for rank in range(1, _KNOWN + 1)))
    asked = {urlencode(each) for each in known}
    while True:
        is_new = chance.random() < new
        question = _new(chance, asked) if is_new else chance.choices(known, cum_weights=weights)[0]
        yield f"/datasets?{urlencode([*question, *_FACETS])}"


def _known(chance: random.Random) -> Question:
    kind = chance.random()
    if kind < 0.10:
        return []
    if kind < 0.25:
        return [("q", chance.choice(COMMON))]
    if kind < 0.50:
        return [("q", chance.choice(RARE))]
    if kind < 0.75:
        return [("q", f"{_place(chance)} {chance.choice(THINGS)}")]
    if kind < 0.85:
        return [("q", chance.choice(ENGLISH)), ("theme", chance.choice(THEMES))]
    return _of_publisher(chance)


def _new(chance: random.Random, asked: set[str]) -> Question:
    while True:
        question = chance.choice(_NEW)(chance)
        text = urlencode(question)
        if text not in asked:
            asked.add(text)
            return question


def _place(chance: random.Random) -> str:
    return "".join(chance.sample(SYLLABLES, 2))


def _of_publisher(chance: random.Random) -> Question:
    owner = f"city_{chance.randrange(PUBLISHERS)}"
    return [("q", chance.choice(THINGS)), ("format", chance.choice(FORMATS)), ("tenant", owner)]


def _in_words(chance: random.Random) -> Question:
    return [("q", f"{_place(chance)} {chance.choice(THINGS)} {chance.choice(KINDS)}")]


def _in_place(chance: random.Random) -> Question:
    return [("q", f"{_place(chance)} {chance.choice(THINGS)}"), ("format", chance.choice(FORMATS))]


def _in_theme(chance: random.Random) -> Question:
    words = f"{chance.choice((*ENGLISH, *RARE))} {chance.choice(THINGS)}"
    return [("q", words), ("theme", chance.choice(THEMES)), ("licence", chance.choice(LICENCES))]


_NEW: tuple[Callable[[random.Random], Question], ...] = (_of_publisher, _in_words, _in_place, _in_theme)
