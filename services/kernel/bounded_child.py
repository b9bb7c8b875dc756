"""The process of a bounded call: it takes its bounds, then calls the function that it is told.

`services.kernel.bounded_call` starts it with the number of its parent, the bounds, and the name of the function.
"""

import errno
import importlib
import resource
import signal
import sys
from typing import Final

from services.kernel.lifeline import die_with_parent

TOO_MUCH: Final = 77
"""How the process ends where Python itself noticed that there is not enough."""


def _take_bounds(memory_bytes: int, processor_s: int, answer_bytes: int) -> None:
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, processor_s),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, answer_bytes),
    ):
        _, set_before = resource.getrlimit(limit)
        least = most if set_before == resource.RLIM_INFINITY else min(most, set_before)
        resource.setrlimit(limit, (least, least))


def _call(name: str) -> None:
    module, _, function = name.partition(":")
    getattr(importlib.import_module(module), function)(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    *numbers, called = sys.argv[1:]
    parent, *bounds = map(int, numbers)
    die_with_parent(signal.SIGKILL, parent)()
    _take_bounds(*bounds)
    try:
        _call(called)
    except MemoryError:
        sys.exit(TOO_MUCH)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        sys.exit(TOO_MUCH)
