"""The NGSI-LD core @context, pinned in `schemas/contexts` and known under an exact list of URLs (4.4, annex B)."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import services

_FILE: Final = "ngsi-ld-core-context-v1.9.jsonld"
_PLACES: Final = ("https://uri.etsi.org/ngsi-ld/v1/", "http://uri.etsi.org/ngsi-ld/v1/")
_VERSIONS: Final = ("", *(f"-v1.{minor}{patch}" for minor in range(10) for patch in ("", ".1")))

CORE_URLS: Final = frozenset(
    f"{place}ngsi-ld-core-context{version}.jsonld" for place in _PLACES for version in _VERSIONS
)
"""Every URL of a core context that this one answers for; core contexts only ever grow."""


@cache
def core_document() -> Any:
    """Return the core context document: `{"@context": {...}}`."""
    return json.loads(_find().read_text(encoding="utf-8"))


def _find() -> Path:
    package = Path(str(services.__file__)).parent
    installed = package / "schemas" / "contexts" / _FILE
    return installed if installed.is_file() else package.parent / "schemas" / "contexts" / _FILE
