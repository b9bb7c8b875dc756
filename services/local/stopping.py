"""Signals that end `hiroba up`: they break off whatever the main thread does, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a process in order."""


class StopRequested(BaseException):
    """A signal asks this process to end."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Within the block SIGINT, SIGTERM and SIGHUP raise StopRequested, the first one; further ones are ignored."""

    def request_stop(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise StopRequested

    former = {number: signal.signal(number, request_stop) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let nothing break off what follows: the orderly end."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
