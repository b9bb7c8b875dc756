"""The words that public data sets use, to tell what somebody meant who mistyped one."""

import asyncio
import time
from collections.abc import Callable, Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from services.catalog.domain.audience import PUBLIC
from services.catalog.domain.lexicon import Lexicon, words_in
from services.catalog.domain.query import AllOf
from services.catalog.domain.thesaurus import all_words
from services.catalog.store.session import reading
from services.catalog.store.wordings import Wording, wordings

_LEARNT = 20_000
_FRESH_S = 600.0


class Lexicons:
    """The words of public data sets, learnt when they are first needed and anew after ten minutes."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._known: Lexicon | None = None
        self._until = 0.0
        self._learning = asyncio.Lock()

    async def get(self) -> Lexicon:
        """Return the words that are known now. Raises Unavailable."""
        async with self._learning:
            if self._known is None or self._clock() > self._until:
                async with reading(self._engine) as connection:
                    found = await wordings(connection, PUBLIC, AllOf(), _LEARNT)
                self._known = await asyncio.to_thread(_learn, found)
                self._until = self._clock() + _FRESH_S
            return self._known


def _learn(found: Iterable[Wording]) -> Lexicon:
    said = (word for title, keywords in found for text in (title, *keywords) for word in (*words_in(text), text))
    known = (each for word in all_words() for each in (*words_in(word), word))
    return Lexicon((*said, *known))
