"""Updates of trips as `ArrivalEstimation` for each stop, and how the whole `GtfsTrip` stands."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Entity
from services.ingest.feeds.gtfs.columns import Naming, prop, relationship
from services.ingest.feeds.gtfs_realtime.instants import duration, iso, seconds

_OF_TRIP: Final = realtime.TripDescriptor.ScheduleRelationship
_OF_STOP: Final = realtime.TripUpdate.StopTimeUpdate.ScheduleRelationship


def arrivals_of(update: Any, run: Sequence[str], naming: Naming, at: str) -> Sequence[Entity]:
    """Return the trip's entity and those of its stops, which are named by the `run` of the trip.

    Raises ValueError for a trip without a name.
    """
    trip = update.trip
    if not trip.trip_id:
        raise ValueError("the trip has no trip_id")
    told_at = update.timestamp
    if told_at:
        at = iso(told_at)
    entity = naming.entity("GtfsTrip", trip.trip_id)
    entity["scheduleRelationship"] = prop(_OF_TRIP.Name(trip.schedule_relationship), observedAt=at)
    if update.HasField("delay"):
        entity["delay"] = prop(update.delay, unitCode="SEC", observedAt=at)
    if trip.start_date:
        entity["tripStartDate"] = prop(trip.start_date, observedAt=at)
    places = _places(update.stop_time_update)
    return [entity] + [
        naming.entity("ArrivalEstimation", *run, place) | _arrival(update, stop, naming, at)
        for place, stop in zip(places, update.stop_time_update, strict=True)
    ]


def _places(stops: Any) -> list[str]:
    """Name the stops of a trip, which may come to one twice and not count them."""
    met: Counter[str] = Counter()
    found = []
    for stop in stops:
        place = str(stop.stop_sequence) if stop.HasField("stop_sequence") else stop.stop_id
        if not place:
            raise ValueError("a stop of the trip has neither stop_sequence nor stop_id")
        met[place] += 1
        found.append(place if met[place] == 1 else f"{place}-{met[place]}")
    return found


def _arrival(update: Any, stop: Any, naming: Naming, at: str) -> Entity:
    trip = update.trip
    entity: Entity = {}
    entity["hasTrip"] = relationship(naming.urn("GtfsTrip", trip.trip_id))
    if trip.route_id:
        entity["hasRoute"] = relationship(naming.urn("GtfsRoute", trip.route_id))
    if stop.stop_id:
        entity["hasStop"] = relationship(naming.urn("GtfsStop", stop.stop_id))
    if stop.HasField("stop_sequence"):
        entity["stopSequence"] = prop(stop.stop_sequence)
    if trip.start_date:
        entity["tripStartDate"] = prop(trip.start_date, observedAt=at)
    if update.vehicle.id:
        entity["hasVehicle"] = relationship(naming.urn("Vehicle", update.vehicle.id)) | {"observedAt": at}
    entity["scheduleRelationship"] = prop(_OF_STOP.Name(stop.schedule_relationship), observedAt=at)
    for name in ("arrival", "departure"):
        if stop.HasField(name):
            entity |= _event(name, getattr(stop, name), at, update.timestamp)
    return entity


def _event(name: str, event: Any, at: str, told_at: int) -> Entity:
    found: Entity = {}
    if event.HasField("time") and event.time:
        found[f"{name}Time"] = prop({"@type": "DateTime", "@value": iso(event.time)}, observedAt=at)
        if name == "arrival" and told_at:
            found["remainingTime"] = prop(duration(seconds(event.time) - seconds(told_at)), observedAt=at)
    if event.HasField("delay"):
        found[f"{name}Delay"] = prop(event.delay, unitCode="SEC", observedAt=at)
    if event.HasField("uncertainty"):
        found[f"{name}Uncertainty"] = prop(event.uncertainty, unitCode="SEC", observedAt=at)
    return found
