"""What broad searches find: counts and pages that are too costly to make for every caller anew, kept for a minute."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from services.kernel.errors import HubError

FRESH_S = 60.0
"""For how long an answer is good; after that it is given once more while it is looked whether it still holds."""

_MOST_KEPT = 1000
_log = logging.getLogger("hiroba.catalog.search")
Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Kept(Generic[Question, Answer]):
    """Answers by question, each good for a minute, and for as long as nothing was written (`revision` is the same).

    Several callers who wait for one answer share it. Answers that nobody waits for are made anew one after the other.
    """

    def __init__(
        self,
        make: Callable[[Question], Awaitable[Answer]],
        revision: Callable[[], Awaitable[int]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._revision = revision
        self._clock = clock
        self._kept: OrderedDict[Question, tuple[Answer, int, float]] = OrderedDict()
        self._under_way: dict[Question, asyncio.Future[tuple[Answer, int]]] = {}
        self._renewing = asyncio.Lock()

    def __contains__(self, question: Question) -> bool:
        """Tell whether there is an answer already."""
        return question in self._kept

    async def get(self, question: Question) -> Answer:
        """Return the answer to a question. Raises what making it raises."""
        known = self._kept.get(question)
        if known is None:
            answer, _ = await asyncio.shield(self._begin(question))
            return answer
        answer, _, made_at = known
        if made_at + FRESH_S < self._clock():
            self._begin(question)
        return answer

    async def _answer(self, question: Question) -> tuple[Answer, int]:
        known = self._kept.get(question)
        if known is None:
            revision = await self._revision()
            return await self._make(question), revision
        async with self._renewing:
            answer, made_of, _ = known
            revision = await self._revision()
            return (answer if revision == made_of else await self._make(question)), revision

    def _begin(self, question: Question) -> asyncio.Future[tuple[Answer, int]]:
        making = self._under_way.get(question)
        if making is None:
            making = asyncio.ensure_future(self._answer(question))
            self._under_way[question] = making
            making.add_done_callback(lambda done: self._end(question, done))
        return making

    def _end(self, question: Question, done: asyncio.Future[tuple[Answer, int]]) -> None:
        self._under_way.pop(question, None)
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self._kept[question] = (*done.result(), self._clock())
            self._kept.move_to_end(question)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        elif isinstance(error, HubError):
            _log.info("A search is not counted", extra={"reason": error.detail})
        else:
            _log.error("Counting a search fails", exc_info=error)
