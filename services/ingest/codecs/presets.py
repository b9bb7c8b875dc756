"""Decoders that come with ingest as data, by name: one file each in `services/ingest/decoders`.

A file has `title` and `about` for its readers, the `attributes` of its measures, an `entity_type` that they fit, and
the decoder itself, `jsonata`, as lines.
"""

import json
from functools import cache
from importlib.resources import files

from services.ingest.codecs.jsonata_mapping import JsonataMapping

_FOLDER = files("services.ingest").joinpath("decoders")


@cache
def names() -> tuple[str, ...]:
    """Return the names there are."""
    return tuple(sorted(each.name.removesuffix(".json") for each in _FOLDER.iterdir() if each.name.endswith(".json")))


@cache
def preset(name: str) -> JsonataMapping:
    """Return a decoder by name. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    document = json.loads(_FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    return JsonataMapping("\n".join(document["jsonata"]))
