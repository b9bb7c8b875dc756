"""Signals that end `hiroba up`: they break off whatever the main thread does, once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """A signal asks this process to end."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Within the block SIGINT, SIGTERM and SIGHUP raise StopRequested, the first one; further ones are ignored."""

    def request_stop(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise StopRequested

    former = {number: signal.signal(number, request_stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let nothing break off what follows: the orderly end."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
