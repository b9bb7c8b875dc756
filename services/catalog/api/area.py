"""Areas in queries."""

import math

from services.catalog.domain.dataset import Box, is_on_earth
from services.kernel.errors import InvalidRequest


def box_of(text: str) -> Box:
    """Read `west,south,east,north` in degrees (RFC 7946, 5). Raises InvalidRequest."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidRequest("bbox must be west,south,east,north in degrees", field="bbox") from error
    if not all(map(math.isfinite, (west, south, east, north))):
        raise InvalidRequest("bbox must have finite numbers", field="bbox")
    if not is_on_earth((west, south, east, north)):
        raise InvalidRequest("bbox must lie within 180 and 90 degrees, south before north", field="bbox")
    return west, south, east, north
