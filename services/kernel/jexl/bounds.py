"""What the expressions over one message may use: processor time, and the size of what they make.

A tenant's expressions are trusted with neither: `[a, a]` doubles `a`, and the next attribute may double that.
"""

import time
from typing import Any, Final

from services.kernel.jexl.tree import Fault

LARGEST: Final = 1_000_000
_DEEPEST: Final = 32
LONGEST_S: Final = 0.5


class Bounds:
    """How much is left: 0.5 s of this thread's processor, whatever else the machine does, and a size in all."""

    def __init__(self, most: int = LARGEST) -> None:
        self._until = time.thread_time() + LONGEST_S
        self._left = most

    def go_on(self) -> None:
        """Let an expression go on. Raises Fault when the time is used up."""
        if time.thread_time() > self._until:
            raise Fault(f"the expressions take longer than {LONGEST_S} s")

    def admit(self, made: Any) -> Any:
        """Return a value on the way. Raises Fault where it is too large or too deep, or when the time is used up."""
        self.go_on()
        if isinstance(made, str | list | dict):
            _size(made, LARGEST)
        return made

    def take(self, value: Any) -> Any:
        """Return what an expression gives. Raises Fault where that is more than is left."""
        if isinstance(value, str | list | dict):
            self._left -= _size(value, self._left)
        return value


def _size(value: Any, most: int) -> int:
    """Return how many characters and members a value has. Raises Fault beyond `most`, looking no further than that."""
    size, depth, level = 0, 0, [value]
    while level:
        depth += 1
        below: list[Any] = []
        for each in level:
            size += 1
            if isinstance(each, str):
                size += len(each)
            elif isinstance(each, dict):
                size += sum(map(len, each))
                below += each.values()
            elif isinstance(each, list):
                below += each
            if size > most or len(below) > most or depth > _DEEPEST:
                raise Fault("the value is too large")
        level = below
    return size
