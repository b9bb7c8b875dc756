"""What a station measures, as attributes of Smart Data Models' WeatherObserved.

Each element is a pair: a value, none where there is none, and the agency's flag of its quality, 0 for a normal one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Convert = Callable[[float], float]
_SECTORS: Final = 16
_DEGREES: Final = 360
_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class Element:
    """The attribute of an element, its unit (UN/CEFACT), and how its value is converted."""

    attribute: str
    unit: str = ""
    convert: Convert = float


def _ratio(percent: float) -> float:
    return round(percent / 100, _PLACES)


def _bearing(sector: float) -> float:
    """Return the degrees of one of 16 directions, 1 for north-north-east to 16 for north."""
    return sector * _DEGREES / _SECTORS % _DEGREES


ELEMENTS: Final[Mapping[str, Element]] = {
    "temp": Element("temperature", "CEL"),
    "humidity": Element("relativeHumidity", "", _ratio),
    "pressure": Element("atmosphericPressure", "A97"),
    "normalPressure": Element("seaLevelPressure", "A97"),
    "wind": Element("windSpeed", "MTS"),
    "windDirection": Element("windDirection", "DD", _bearing),
    "precipitation10m": Element("precipitation10m", "MMT"),
    "precipitation1h": Element("precipitation", "MMT"),
    "precipitation3h": Element("precipitation3h", "MMT"),
    "precipitation24h": Element("precipitation24h", "MMT"),
    "snow": Element("snowHeight", "CMT"),
    "snow1h": Element("snowfall1h", "CMT"),
    "sun1h": Element("sunshine1h", "HUR"),
    "visibility": Element("visibility", "MTR"),
}
_CALM: Final = 0


def attributes_of(values: Mapping[str, Any], at: str) -> dict[str, dict[str, Any]]:
    """Return the attributes of a station's values at a time; a value of lower quality has the agency's flag.

    A value without a flag (0 with null) is of an element that the station does not observe.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, element in ELEMENTS.items():
        pair = values.get(name)
        if not isinstance(pair, list) or len(pair) != 2 or not _is_number(pair[0]) or pair[1] is None:
            continue
        if name == "windDirection" and pair[0] == _CALM:
            continue
        written: dict[str, Any] = {"type": "Property", "value": element.convert(pair[0]), "observedAt": at}
        if element.unit:
            written["unitCode"] = element.unit
        if pair[1]:
            written["qualityFlag"] = {"type": "Property", "value": pair[1]}
        found[element.attribute] = written
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
