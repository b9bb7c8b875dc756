"""CayenneLPP: a channel, a type and a value, one after the other; types by their IPSO object ids less 3200.

A value becomes `<type>_<channel>`, as `temperature_1`. Values are big-endian. Beside myDevices' types those that the
Arduino library (Electronic Cats) and RAKwireless' sensors add are known; a payload with another type is refused, since
nothing tells how long its value is.
"""

from dataclasses import dataclass
from typing import Any, Final

from services.ingest.domain.refusal import MeasureRefused, Reason


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    size: int
    divisor: int = 1
    is_signed: bool = False
    parts: tuple[str, ...] = ()


_KINDS: Final = {
    0: _Kind("digital_in", 1),
    1: _Kind("digital_out", 1),
    2: _Kind("analog_in", 2, 100, True),
    3: _Kind("analog_out", 2, 100, True),
    100: _Kind("generic", 4),
    101: _Kind("luminosity", 2),
    102: _Kind("presence", 1),
    103: _Kind("temperature", 2, 10, True),
    104: _Kind("relative_humidity", 1, 2),
    112: _Kind("relative_humidity", 2, 10),
    113: _Kind("accelerometer", 2, 1000, True, ("x", "y", "z")),
    115: _Kind("barometric_pressure", 2, 10),
    116: _Kind("voltage", 2, 100),
    117: _Kind("current", 2, 1000),
    118: _Kind("frequency", 4),
    120: _Kind("percentage", 1),
    121: _Kind("altitude", 2, 1, True),
    125: _Kind("concentration", 2),
    128: _Kind("power", 2),
    130: _Kind("distance", 4, 1000),
    131: _Kind("energy", 4, 1000),
    132: _Kind("direction", 2),
    133: _Kind("unixtime", 4),
    134: _Kind("gyrometer", 2, 100, True, ("x", "y", "z")),
    135: _Kind("colour", 1, 1, False, ("r", "g", "b")),
    138: _Kind("voc_index", 2),
    142: _Kind("switch", 1),
    188: _Kind("soil_moisture", 2, 10),
    190: _Kind("wind_speed", 2, 100),
    191: _Kind("wind_direction", 2),
    192: _Kind("soil_conductivity", 2, 1000),
    193: _Kind("soil_ph", 2, 100),
    194: _Kind("soil_ph", 2, 10),
    195: _Kind("irradiance", 2),
}
_GPS: Final = {136: (3, 10_000), 137: (4, 1_000_000)}
_ALTITUDE_BYTES: Final = 3


def read_cayenne(content: bytes) -> dict[str, Any]:
    """Return the values of a payload by name. Raises MeasureRefused."""
    values: dict[str, Any] = {}
    at = 0
    while at < len(content):
        if at + 2 > len(content):
            raise _malformed("a value is cut off")
        channel, kind = content[at], content[at + 1]
        name, value, at = _read(content, kind, at + 2)
        values[f"{name}_{channel}"] = value
    if not values:
        raise MeasureRefused(Reason.EMPTY_VALUE, "The payload is empty")
    return values


def _read(content: bytes, kind: int, at: int) -> tuple[str, Any, int]:
    if kind in _GPS:
        return "gps", *_position(content, at, *_GPS[kind])
    found = _KINDS.get(kind)
    if found is None:
        raise _malformed(f"type {kind} is not known")
    numbers = []
    for place in range(len(found.parts) or 1):
        raw = _slice(content, at + place * found.size, found.size)
        number = int.from_bytes(raw, "big", signed=found.is_signed)
        numbers.append(number if found.divisor == 1 else number / found.divisor)
    end = at + found.size * len(numbers)
    return found.name, dict(zip(found.parts, numbers, strict=True)) if found.parts else numbers[0], end


def _position(content: bytes, at: int, size: int, divisor: int) -> tuple[dict[str, Any], int]:
    latitude, longitude = (_signed(content, at + place * size, size) / divisor for place in range(2))
    altitude = _signed(content, at + 2 * size, _ALTITUDE_BYTES) / 100
    return {"type": "Point", "coordinates": [longitude, latitude, altitude]}, at + 2 * size + _ALTITUDE_BYTES


def _signed(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(_slice(content, at, size), "big", signed=True)


def _slice(content: bytes, at: int, size: int) -> bytes:
    if at + size > len(content):
        raise _malformed("a value is cut off")
    return content[at : at + size]


def _malformed(words: str) -> MeasureRefused:
    return MeasureRefused(Reason.MALFORMED_CAYENNE, f"The payload is not CayenneLPP: {words}")
