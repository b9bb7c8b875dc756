"""Figures that a tenant is held to: quotas, and how long is kept what grows."""

from collections.abc import Mapping

from services.kernel.errors import BadData

QUOTAS: Mapping[str, str] = {
    "entities": "Entities in the context broker",
    "subscriptions": "Subscriptions",
    "registrations": "Context source registrations",
    "devices": "Devices and device groups",
    "datasets": "Data sets in the catalogue",
    "history_rows": "Rows of history",
    "storage_mb": "Everything that is kept, megabytes",
    "requests_per_minute": "Requests to each service within a minute by the clock",
    "client_requests_per_minute": "Requests of each client to each service within a minute by the clock",
    "requests_per_day": "Requests to each service within a day in Japan",
    "measures_per_minute": "Measures of devices within a minute by the clock",
    "measures_per_day": "Measures of devices within a day in Japan",
    "notifications_per_day": "Notifications sent within a day",
}
RETENTION: Mapping[str, str] = {
    "history_days": "History of entities, days",
    "audit_days": "Audit records, days; at least 365",
    "dead_letter_days": "Measures and notifications that could not be delivered, days",
}
_LEAST = {"audit_days": 365}
_MOST = 10**12


def read_limits(given: Mapping[str, int | None], known: Mapping[str, str], field: str) -> dict[str, int]:
    """Hold figures against the names there are; one that is None is left out. Raises BadData."""
    figures = {name: value for name, value in given.items() if value is not None}
    for name, value in figures.items():
        if name not in known:
            raise BadData(f"{field} has no {name[:50]}: it takes {', '.join(known)}", field=f"{field}.{name[:50]}")
        least = _LEAST.get(name, 1 if field == "retention" else 0)
        if not least <= value <= _MOST:
            raise BadData(f"{field}.{name} must be from {least} to {_MOST}", field=f"{field}.{name}")
    return figures
