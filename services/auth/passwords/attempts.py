"""Wrong secrets, counted: who guesses is made to wait."""

import time
from collections import OrderedDict, deque

from services.kernel.errors import TooMany

_WINDOW_S = 60.0
_MOST = 10
_REMEMBERED = 20_000


class Attempts:
    """Wrong secrets of the last minute, for each identifier, in this process.

    After ten of them an identifier is refused for the rest of the minute, whether the next secret is right or not.
    A flood of identifiers forgets the oldest ones: their secrets are 256 random bits, which nobody guesses.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, identifier: str) -> None:
        """Refuse an identifier with too many wrong secrets. Raises TooMany."""
        wrong = self._wrong.get(identifier)
        if wrong is None:
            return
        since = time.monotonic() - _WINDOW_S
        while wrong and wrong[0] < since:
            wrong.popleft()
        if len(wrong) >= _MOST:
            raise TooMany("Too many wrong secrets; try again in a minute")

    def note_wrong(self, identifier: str) -> None:
        """Count a wrong secret."""
        wrong = self._wrong.pop(identifier, None)
        if wrong is None:
            wrong = deque(maxlen=_MOST)
        wrong.append(time.monotonic())
        self._wrong[identifier] = wrong
        if len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)
