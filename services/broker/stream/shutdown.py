"""Streams would hold up a process that is asked to end: they are told of it as soon as the signal comes.

The server waits for open requests before it ends the application, so that the application's end is too late.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def told_of_shutdown(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` in the event loop when the process is asked to end, beside what is done then already."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def take(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell)
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, take)
    try:
        yield
    finally:
        for number, handler in before.items():
            if callable(handler):
                signal.signal(number, handler)
