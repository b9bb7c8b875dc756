"""Positions of vehicles as `Vehicle` (Smart Data Models, Transportation), with the trip they run."""

import math
from collections.abc import Sequence
from typing import Any, Final

from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.gtfs.columns import Naming, prop, relationship
from services.ingest.feeds.gtfs_realtime.instants import iso

_KMH_OF_MS: Final = 3.6
_DECIMALS: Final = 5
_STATUS: Final = realtime.VehiclePosition.VehicleStopStatus
_OCCUPANCY: Final = realtime.VehiclePosition.OccupancyStatus
_CONGESTION: Final = realtime.VehiclePosition.CongestionLevel


def vehicle_of(vehicle: Any, name: str, naming: Naming, told: tuple[str, str]) -> Sequence[Entity]:
    """Return the entity of a vehicle. Raises ValueError for a position that is none."""
    at, kind = told
    if vehicle.timestamp:
        at = iso(vehicle.timestamp)
    entity = naming.entity("Vehicle", name)
    entity |= {"vehicleType": prop(kind), "category": prop(["public"]), "serviceStatus": prop("onRoute", observedAt=at)}
    texts = {"name": vehicle.vehicle.label, "vehiclePlateIdentifier": vehicle.vehicle.license_plate}
    entity |= {name: prop(text) for name, text in texts.items() if text}
    if vehicle.HasField("position"):
        entity |= _position(vehicle.position, at)
    return [entity | _progress(vehicle, naming, at)]


def _position(position: Any, at: str) -> Entity:
    latitude, longitude = _degrees(position.latitude), _degrees(position.longitude)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude == 0 and longitude == 0):
        raise ValueError(f"{latitude}, {longitude} is no position on earth")
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    found: Entity = {"location": {"type": "GeoProperty", "value": point, "observedAt": at}}
    if position.HasField("bearing") and math.isfinite(position.bearing):
        found["heading"] = prop(round(position.bearing % 360, 1), unitCode="DD", observedAt=at)
    if position.HasField("speed") and math.isfinite(position.speed):
        found["speed"] = prop(round(position.speed * _KMH_OF_MS, 1), unitCode="KMH", observedAt=at)
    if position.HasField("odometer") and math.isfinite(position.odometer):
        found["mileageFromOdometer"] = prop(round(position.odometer), unitCode="MTR", observedAt=at)
    return found


def _degrees(value: float) -> float:
    """Return a coordinate; messages hold floats of 32 bits, whose digits after the fifth are noise."""
    if not math.isfinite(value):
        raise ValueError("a coordinate is no number")
    return round(value, _DECIMALS)


def _progress(vehicle: Any, naming: Naming, at: str) -> Entity:
    found: Entity = {}
    trip = vehicle.trip
    if trip.trip_id:
        found["hasTrip"] = relationship(naming.urn("GtfsTrip", trip.trip_id)) | {"observedAt": at}
    if trip.route_id:
        found["hasRoute"] = relationship(naming.urn("GtfsRoute", trip.route_id)) | {"observedAt": at}
    if trip.start_date:
        found["tripStartDate"] = prop(trip.start_date, observedAt=at)
    if vehicle.stop_id:
        found["hasStop"] = relationship(naming.urn("GtfsStop", vehicle.stop_id)) | {"observedAt": at}
    if vehicle.HasField("current_stop_sequence"):
        found["currentStopSequence"] = prop(vehicle.current_stop_sequence, observedAt=at)
    found["currentStatus"] = prop(_STATUS.Name(vehicle.current_status), observedAt=at)
    if vehicle.HasField("occupancy_status"):
        found["occupancyStatus"] = prop(_OCCUPANCY.Name(vehicle.occupancy_status), observedAt=at)
    if vehicle.HasField("occupancy_percentage"):
        found["occupancy"] = prop(vehicle.occupancy_percentage / 100, unitCode="C62", observedAt=at)
    if vehicle.HasField("congestion_level"):
        found["congestionLevel"] = prop(_CONGESTION.Name(vehicle.congestion_level), observedAt=at)
    return found
