"""A short memory of tenants' context source registrations; the database is the truth."""

from datetime import datetime, timedelta
from typing import Final

from services.broker.domain.registration import Registration

_KEPT: Final = timedelta(seconds=1)


class RegistrationCache:
    """Remembers the registrations of each tenant that take requests away (exclusive, redirect) for a second."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, list[Registration]]] = {}

    def known(self, tenant_id: int, now: datetime) -> list[Registration] | None:
        """Return what is remembered of a tenant, or None where that is too old."""
        found = self._known.get(tenant_id)
        return found[1] if found is not None and now - found[0] < _KEPT else None

    def keep(self, tenant_id: int, registrations: list[Registration], now: datetime) -> None:
        """Remember a tenant's registrations."""
        self._known[tenant_id] = now, registrations

    def forget(self, tenant_id: int) -> None:
        """Read them afresh the next time."""
        self._known.pop(tenant_id, None)
