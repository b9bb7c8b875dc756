"""The supervisor: keeps child processes running, and ends them in the reverse order."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from services.local.child import Child, Command, ending

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
_STEADY_S = 60.0


@dataclass
class _Watched:
    child: Child
    started: float
    wait_s: float = FIRST_WAIT_S
    due: float | None = None
    is_over: bool = False
    failures: int = 0


class Supervisor:
    """Starts commands at once, restarts what dies with a growing wait, and says so.

    A child that has run a minute starts again from the shortest wait. Call `watch` often, from the main thread.
    """

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._watched: list[_Watched] = []

    @property
    def children(self) -> list[Child]:
        """The children in the order of their start."""
        return [each.child for each in self._watched]

    def failures(self, child: Child) -> int:
        """Return how often a child has died."""
        return next(each.failures for each in self._watched if each.child is child)

    def start(self, command: Command) -> Child:
        """Start one more child and watch over it."""
        child = Child(command)
        child.start()
        self._watched.append(_Watched(child, self._clock()))
        return child

    def watch(self) -> None:
        """Look at every child once: note what died, restart what is due."""
        for each in self._watched:
            if each.is_over:
                continue
            if each.due is None:
                self._look(each)
            elif self._clock() >= each.due:
                self._restart(each)

    def stop(self) -> None:
        """End all children, the last started first; each is given its patience."""
        for each in reversed(self._watched):
            each.child.terminate()
            each.child.wait()
        self._watched.clear()

    def _look(self, each: _Watched) -> None:
        code = each.child.poll()
        if code is None:
            return
        command = each.child.command
        if command.may_end and code == 0:
            each.is_over = True
            return
        each.failures += 1
        if self._clock() - each.started >= _STEADY_S:
            each.wait_s = FIRST_WAIT_S
        where = f"; its log is {command.log}" if command.log else ""
        self._say(f"{command.name} ended with {ending(code)}; it starts again in {each.wait_s:g} s{where}")
        each.due = self._clock() + each.wait_s
        each.wait_s = min(each.wait_s * 2, LONGEST_WAIT_S)

    def _restart(self, each: _Watched) -> None:
        each.child.start()
        each.started = self._clock()
        each.due = None
