"""The words that say which part of a tenant something concerns: service paths, names of types and attributes."""

import re

from services.kernel.errors import BadData

_PATH = re.compile(r"/#|/|(/[A-Za-z0-9_]{1,50}){1,10}(/#)?")
_LONGEST_NAME = 500


def read_path(path: str, field: str) -> str:
    """Hold a service path against its grammar; `/#` at its end means all below it too. Raises BadData."""
    if not _PATH.fullmatch(path):
        raise BadData(f"path must be a service path such as /river or /river/#, not '{path}'", field=field)
    return path


def is_type_name(text: str) -> bool:
    """Tell whether a text can be the name or IRI of an entity type or attribute, or `*`."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and not re.search(r"\s", text)
