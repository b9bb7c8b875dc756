"""Areas in queries."""

import math

from services.catalog.domain.dataset import Box
from services.kernel.errors import InvalidRequest


def box_of(text: str) -> Box:
    """Read `west,south,east,north` in degrees (RFC 7946, 5). Raises InvalidRequest."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidRequest("bbox must be west,south,east,north in degrees", field="bbox") from error
    if not all(map(math.isfinite, (west, south, east, north))):
        raise InvalidRequest("bbox must have finite numbers", field="bbox")
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90 or south > north:
        raise InvalidRequest("bbox must lie within 180 and 90 degrees, south before north", field="bbox")
    return west, south, east, north
