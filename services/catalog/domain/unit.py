"""Units: the departments of a publisher, named by the service path under which they work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.kernel.errors import BadData

WHOLE = "/"
"""The tenant itself."""

_PATH = re.compile(r"/|(/[A-Za-z0-9_]{1,50}){1,10}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A department: its service path, its names by language, where its mail goes."""

    path: str
    titles: Mapping[str, str] = field(default_factory=dict)
    email: str = ""


def read_path(text: str) -> str:
    """Return a unit's path: `/`, or up to ten segments of letters, digits and `_`. Raises BadData."""
    path = text.rstrip("/") or WHOLE
    if _PATH.fullmatch(path) is None:
        raise BadData("unit must be a service path as /parks or /parks/trees", field="unit")
    return path


def grant_path(unit: str) -> str:
    """Return what a grant must cover for a unit: the tenant itself needs one over the whole."""
    return "/#" if unit == WHOLE else unit
