"""Child processes that die with their parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int = signal.SIGTERM, parent: int | None = None) -> Callable[[], None]:
    """Return a `preexec_fn` that has the kernel signal the child when its parent is gone (prctl(2)).

    The kernel watches the *thread* that starts the child, so start children from one that outlives them. Only Linux
    offers this; elsewhere nothing is asked. `parent` is this process unless given.
    """
    parent = parent or os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def ask() -> None:
        if libc is None:
            return
        libc.prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it was gone before we could ask
            os.kill(os.getpid(), signal_number)

    return ask
