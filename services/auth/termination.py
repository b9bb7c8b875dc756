"""The end of the process, known before the server waits for the requests that are still under way."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_termination(act: Callable[[], object]) -> Iterator[None]:
    """Within the block, call `act` in the running event loop when the process is told to end.

    A server finishes its requests before it ends the application's lifespan: a long poll would hold it up. Whoever
    listened for the signals before still hears them. Outside the main thread there are none to hear.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        former = before[signal.Signals(number)]
        if callable(former):
            former(number, frame)

    for number in _SIGNALS:
        signal.signal(number, tell)
    try:
        yield
    finally:
        for number, former in before.items():
            if signal.getsignal(number) is tell:
                signal.signal(number, former)
