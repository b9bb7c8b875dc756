"""Types of entities and their attributes, from the models in `schemas/models`."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.catalog.domain.column_label import LABELS
from services.catalog.domain.entity_type import ENTITY_TYPES, known_type
from services.catalog.domain.theme import THEMES
from services.catalog.vocabularies.scheme import Concept

_SMART_DATA_MODELS = "https://smartdatamodels.org"
_SAME: Mapping[str, str] = MappingProxyType(
    {
        "BikeHireDockingStation": f"{_SMART_DATA_MODELS}/dataModel.Transportation/BikeHireDockingStation",
        "OffStreetParking": f"{_SMART_DATA_MODELS}/dataModel.Parking/OffStreetParking",
        "PointOfInterest": f"{_SMART_DATA_MODELS}/dataModel.PointOfInterest/PointOfInterest",
        "WeatherObserved": f"{_SMART_DATA_MODELS}/dataModel.Weather/WeatherObserved",
    }
)
_OWN_KEYS = ("id", "type", "scope")
_DEFAULT_CONTEXT = "https://uri.etsi.org/ngsi-ld/default-context/"


@cache
def models() -> Mapping[str, dict[str, Any]]:
    """Return the JSON Schema of each type that has one."""
    found = sorted(_folder().glob("*/schema.json"))
    return {each.parent.name: json.loads(each.read_text(encoding="utf-8")) for each in found}


@cache
def example_of(type_name: str) -> str:
    """Return an entity of a type that has a model, as JSON in key-values."""
    assert type_name in models()
    return (_folder() / type_name / "example-keyvalues.json").read_text(encoding="utf-8")


@cache
def listed_values(type_name: str) -> Mapping[str, frozenset[str]]:
    """Return the attributes whose values a type's model lists, with those values."""
    properties = models().get(type_name, {}).get("properties", {})
    return {name: frozenset(map(str, said["enum"])) for name, said in properties.items() if "enum" in said}


def _folder() -> Path:
    package = Path(__file__).parents[2]
    installed = package / "schemas" / "models"
    return installed if installed.is_dir() else package.parent / "schemas" / "models"


def entity_types() -> Iterator[Concept]:
    """Return the types that the hub knows words for."""
    for name in sorted({*ENTITY_TYPES, *models()}):
        known = known_type(name)
        note = {"en": str(models()[name]["description"])} if name in models() else {}
        same = (f"{_DEFAULT_CONTEXT}{name}",)
        close = (_SAME[name],) if name in _SAME else ()
        names = {"ja": known.title_ja, "en": known.title}
        themes = tuple(THEMES[code].uri for code in known.themes)
        yield Concept(name, names, note, {"en": name}, same=same, close=close, related=themes)


def attributes() -> Iterator[Concept]:
    """Return the attributes of those types, with what each model says of them."""
    notes: dict[str, str] = {}
    for schema in models().values():
        for name, said in schema["properties"].items():
            if name not in _OWN_KEYS and said.get("description"):
                notes.setdefault(name, str(said["description"]))
    known = {name: label for name, label in LABELS.items() if name not in _OWN_KEYS}
    for name in sorted({*notes, *known}):
        japanese, english = known.get(name, (name, notes.get(name, name)))
        note = {"en": notes[name]} if name in notes else {}
        yield Concept(name, {"ja": japanese, "en": english}, note, same=(f"{_DEFAULT_CONTEXT}{name}",))
