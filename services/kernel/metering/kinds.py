"""What is metered, and in whose days: flows, which add up, and stocks, of which a day keeps the last figure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal, get_args

Kind = Literal[
    "interactive",
    "batch",
    "internal",
    "notifications",
    "mqtt_measures",
    "http_measures",
    "entities",
    "history_rows",
    "subscriptions",
    "registrations",
    "devices",
    "datasets",
    "storage_bytes",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

FLOWS: Final[Mapping[Kind, str]] = {
    "interactive": "Requests of programs and people, one thing or one query at a time",
    "batch": "Requests that carry many entities at once",
    "internal": "Requests of the hub's own services to each other",
    "notifications": "Notifications sent to subscribers",
    "mqtt_measures": "Measures of devices over MQTT that were stored",
    "http_measures": "Measures of devices over HTTP that were stored",
}
STOCKS: Final[Mapping[Kind, str]] = {
    "entities": "Entities in the context broker",
    "history_rows": "Rows of their history",
    "subscriptions": "Subscriptions",
    "registrations": "Registrations of context sources",
    "devices": "Devices",
    "datasets": "Data sets in the catalogue",
    "storage_bytes": "Bytes of all its rows",
}
JST: Final = timezone(timedelta(hours=9), "JST")
SERVICE_CLIENT: Final = "service-"
"""Begins the names of the clients as which the hub's services call each other."""


def day_of(instant: datetime) -> date:
    """Return the day in Japan at an instant."""
    return instant.astimezone(JST).date()


def seconds_of_day_left(instant: datetime) -> float:
    """Return how long the day in Japan lasts from an instant on, seconds."""
    local = instant.astimezone(JST)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1) - local).total_seconds()


def call_kind(client: str, kind: Kind) -> Kind:
    """Return what a call counts as: those of the hub's own services are no client's."""
    return "internal" if client.startswith(SERVICE_CLIENT) else kind
