"""Latitude and longitude of a row as a GeoJSON point."""

from services.ingest.importing.cells import Cell, read_number

_LATITUDES = (20.0, 46.0)
_LONGITUDES = (122.0, 154.5)
"""Japan, its outlying islands included."""


def read_position(latitude: str, longitude: str) -> Cell:
    """Read a position; what cannot be one is left out, under a rule that says why."""
    cells = read_number(latitude), read_number(longitude)
    rules = tuple(dict.fromkeys(rule for cell in cells for rule in cell.rules if not rule.startswith("unreadable")))
    if all(cell.value is None and not cell.rules for cell in cells):
        return Cell(None, ("no-position",))
    values = [cell.value for cell in cells]
    if not all(isinstance(value, int | float) for value in values) or "number-in-text" in rules:
        return Cell(None, ("unreadable-position",))
    north, east = (float(str(value)) for value in values)
    if north == 0 or east == 0:
        return Cell(None, (*rules, "zero-position"))
    if _is_inside(north, east):
        return Cell(_point(north, east), rules)
    if _is_inside(east, north):
        return Cell(_point(east, north), (*rules, "swapped-position"))
    return Cell(None, (*rules, "position-outside"))


def _is_inside(latitude: float, longitude: float) -> bool:
    return _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]


def _point(latitude: float, longitude: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [longitude, latitude]}
