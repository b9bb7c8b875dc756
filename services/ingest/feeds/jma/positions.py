"""Places in reports (ISO 6709): `+34.3+134.0-10000/` in degrees, or `+3624.38+13831.38+2568/` in degrees and minutes.

The third number is a height in metres; that of a hypocentre is below nothing.
"""

import re
from typing import Any, Final

_PLACE: Final = re.compile(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?/?\Z")
_DIGITS_OF_MINUTES: Final = 4


def point_of(words: str) -> dict[str, Any] | None:
    """Return a GeoJSON point; None for a place that is not known."""
    found = _PLACE.match(words)
    if found is None:
        return None
    latitude, longitude = _degrees(found[1]), _degrees(found[2])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def depth_km_of(words: str) -> float | None:
    """Return how deep a place is, where it tells a height (km)."""
    found = _PLACE.match(words)
    if found is None or found[3] is None:
        return None
    return max(-float(found[3]), 0.0) / 1000


def _degrees(words: str) -> float:
    """Read a number of degrees; one of four digits or more before the point has minutes in its last two."""
    sign, whole = words[0], words[1:].partition(".")[0]
    if len(whole) < _DIGITS_OF_MINUTES:
        return float(words)
    degrees, minutes = int(whole[:-2]), float(words[1 + len(whole) - 2 :])
    return round((degrees + minutes / 60) * (-1 if sign == "-" else 1), 6)
