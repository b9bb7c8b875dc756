"""`Fiware-ServicePath`: one path in updates, up to ten in queries, `/#` for a subtree (Orion API, Service path)."""

import re
from functools import lru_cache
from typing import Final

from services.broker.domain.entity import ROOT_PATH
from services.broker.http.request import Request
from services.kernel.errors import InvalidRequest

HEADER: Final = "fiware-servicepath"
EVERYWHERE: Final = "/#"
_DEEPEST = 10
_MOST_PATHS = 10
LEVEL: Final = re.compile(r"\w{1,50}\Z", re.ASCII)
"""One level of a service path."""


def path_to_write(request: Request) -> str:
    """Return the one path of an update; `/` without a header. Raises InvalidRequest."""
    header = request.headers.get(HEADER)
    if not header:
        return ROOT_PATH
    if "," in header:
        raise _refused("An update names exactly one service path")
    path = read_paths(header)[0]
    if path.endswith("#"):
        raise _refused("The service path of an update must not end in #")
    return path


def paths_to_read(request: Request) -> tuple[str, ...]:
    """Return the paths of a query; everywhere without a header. Raises InvalidRequest."""
    header = request.headers.get(HEADER)
    if not header:
        return (EVERYWHERE,)
    return read_paths(header)


@lru_cache(maxsize=4096)
def read_paths(header: str) -> tuple[str, ...]:
    """Read the header; the last ones are kept. Raises InvalidRequest."""
    parts = header.split(",")
    if len(parts) > _MOST_PATHS:
        raise _refused(f"A query names at most {_MOST_PATHS} service paths")
    return tuple(dict.fromkeys(_read(part) for part in parts))


def path_to_subscribe(request: Request) -> str:
    """Return the path that a subscription or registration is about; everywhere without a header."""
    paths = paths_to_read(request)
    if len(paths) > 1:
        raise _refused("A subscription names exactly one service path")
    return paths[0]


def _read(text: str) -> str:
    path = text.strip()
    if not path.startswith("/"):
        raise _refused("A service path must start with /")
    if "//" in path:
        raise _refused("A level of a service path must not be empty")
    trimmed = path.rstrip("/")
    if not trimmed:
        return ROOT_PATH
    levels = trimmed[1:].split("/")
    below = levels[-1] == "#"
    names = levels[:-1] if below else levels
    if len(names) > _DEEPEST:
        raise _refused(f"A service path has at most {_DEEPEST} levels")
    if not all(LEVEL.match(name) for name in names):
        raise _refused("A level of a service path must be 1 to 50 of letters, digits and _")
    return trimmed


def _refused(reason: str) -> InvalidRequest:
    return InvalidRequest(reason, field="Fiware-ServicePath")
