"""A short memory of tenants' NGSIv2 registrations; the database is the truth."""

from datetime import datetime, timedelta
from typing import Final

from services.broker.domain.v2_registration import V2Registration

_KEPT: Final = timedelta(seconds=1)


class V2RegistrationCache:
    """Remembers the registrations of each tenant for a second."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, list[V2Registration]]] = {}

    def known(self, tenant_id: int, now: datetime) -> list[V2Registration] | None:
        """Return what is remembered of a tenant, or None where that is too old."""
        found = self._known.get(tenant_id)
        return found[1] if found is not None and now - found[0] < _KEPT else None

    def keep(self, tenant_id: int, registrations: list[V2Registration], now: datetime) -> None:
        """Remember a tenant's registrations."""
        self._known[tenant_id] = now, registrations

    def forget(self, tenant_id: int) -> None:
        """Read them afresh the next time."""
        self._known.pop(tenant_id, None)
