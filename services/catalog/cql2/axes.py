"""Reference systems that a filter's geometries may be written in (OGC 19-079r2, 8.4, `filter-crs`)."""

from enum import StrEnum

from services.catalog.domain.dataset import Box


class Axes(StrEnum):
    """Longitudes and latitudes in degrees, in either order; JGD2011 and WGS 84 are less than a metre apart."""

    CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"
    WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"
    JGD2011 = "http://www.opengis.net/def/crs/EPSG/0/6668"

    @property
    def is_latitude_first(self) -> bool:
        """Whether latitudes come before longitudes."""
        return self in (Axes.WGS84, Axes.JGD2011)

    def box(self, west: float, south: float, east: float, north: float) -> Box:
        """Return a box whose sides are written in these axes."""
        return (south, west, north, east) if self.is_latitude_first else (west, south, east, north)
