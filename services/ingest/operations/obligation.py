"""Tenants whose devices must show a device key, or a token, where they send over HTTP."""

from services.kernel.tenancy import TenantDirectory

_REQUIRED = "required"


class Obligation:
    """Knows those tenants; looks them up again when auth tells of a tenant anew."""

    def __init__(self, tenants: TenantDirectory) -> None:
        self._tenants = tenants
        self._names: frozenset[str] | None = None
        self._changes = 0
        tenants.watch(self._forget)

    async def names(self) -> frozenset[str]:
        """Return the names of the tenants. Raises Unavailable."""
        if self._names is not None:
            return self._names
        changes = self._changes
        found = frozenset(
            each.name for each in await self._tenants.all() if each.details.get("device_keys") == _REQUIRED
        )
        if changes == self._changes:  # else what was read may be older than the change
            self._names = found
        return found

    def _forget(self, _: str) -> None:
        self._changes += 1
        self._names = None
