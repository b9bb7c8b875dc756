"""What vehicles and trips of a message are called, where the message itself does not tell them apart."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


class Names:
    """The names that stand for one vehicle or run alone in a message, and those that need more beside them.

    A label is what passengers read on a vehicle: two operators in one message give it to two vehicles. A trip runs
    every day, and one that is scheduled by frequency several times a day.
    """

    def __init__(self, message: Any) -> None:
        nameless = (each.vehicle.vehicle for each in message.entity if not each.vehicle.vehicle.id)
        self._labels: Mapping[str, int] = Counter(each.label for each in nameless if each.label)
        trips = {_run(each.trip_update.trip) for each in message.entity if each.trip_update.trip.trip_id}
        self._runs: Mapping[str, int] = Counter(trip_id for trip_id, *_ in trips)

    def vehicle(self, vehicle: Any, fallback: str) -> str:
        """Name a vehicle by its id, else by its label, its trip, or its place in the message (`fallback`)."""
        label, trip = vehicle.vehicle.label, vehicle.trip.trip_id or fallback
        if vehicle.vehicle.id:
            return str(vehicle.vehicle.id)
        if not label:
            return str(trip)
        return str(label) if self._labels[label] == 1 else f"{label}-{trip}"

    def run(self, trip: Any) -> tuple[str, ...]:
        """Name a run of a trip: by the trip, and by its day and time where the message tells of several."""
        parts = _run(trip)
        return tuple(filter(None, parts)) if self._runs[trip.trip_id] > 1 else parts[:1]


def _run(trip: Any) -> tuple[str, str, str]:
    return trip.trip_id, trip.start_date, trip.start_time
