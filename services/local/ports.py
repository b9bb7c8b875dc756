"""Ports for what is about to be started: free, and still free when it has started."""

import itertools
import os
import socket

_HOST = "127.0.0.1"
_RANGE = range(10_000, 32_768)
_STRIDE = 199

_steps = itertools.count()


def free_port() -> int:
    """Return a loopback TCP port that nothing listens on.

    It lies below the ports that systems give to outgoing connections, which could take it before its server does.
    A process is never given one twice, and each process looks in a place of its own.
    """
    start = os.getpid() * _STRIDE
    for step in itertools.islice(_steps, len(_RANGE)):
        port = _RANGE[(start + step) % len(_RANGE)]
        if _is_free(port):
            return port
    raise OSError(f"No port from {_RANGE.start} to {_RANGE.stop - 1} of {_HOST} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True
