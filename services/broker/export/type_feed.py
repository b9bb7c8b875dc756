"""The change feed of entity types: which tenants' types changed after a position, waiting for a change."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Final

from services.broker.domain.names import Context
from services.broker.http.admission import Asked, admit
from services.broker.operations.broker import Broker
from services.broker.operations.type_statistics import TypeReport, reports
from services.broker.store import type_statistics as store
from services.kernel.errors import NotAllowed, UnknownTenant
from services.kernel.identity import OPEN, Principal
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

LONGEST_WAIT_S: Final = 30.0
MOST_TENANTS: Final = 100
_LOOK_EVERY_S: Final = 1.0
_TEMPLATE: Final = "/export/types"


@dataclass(frozen=True, slots=True)
class TenantTypes:
    """All types of a tenant that have entities now, and the @context that shortens their names."""

    tenant: str
    context: Context
    types: list[TypeReport]


@dataclass(frozen=True, slots=True)
class Changed:
    """Tenants whose types changed, and the position that is reached with them."""

    position: int
    tenants: list[TenantTypes]


class TypeFeed:
    """Answers who follows the types; waiting costs one look at an index a second."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Let nobody wait any more: the process ends."""
        self._ending.set()

    async def changes_after(self, position: int, wait_s: float, caller: Principal) -> Changed:
        """Return the changed tenants as far as the caller reads types whole; none if nothing changes in time."""
        deadline = time.monotonic() + wait_s
        while True:
            async with session(self._broker.pool) as connection:
                found = await store.changed(connection, position, MOST_TENANTS)
                reached = found[-1][1] if found else await store.position(connection)
            if found or reached < position or time.monotonic() >= deadline or self._ending.is_set():
                return Changed(reached, await self._tenants([tenant_id for tenant_id, _ in found], caller))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _LOOK_EVERY_S)

    async def _tenants(self, numbers: list[int], caller: Principal) -> list[TenantTypes]:
        if not numbers:
            return []
        known = {tenant.tenant_id: tenant for tenant in await self._broker.tenants.all()}
        wanted = [known[number] for number in numbers if number in known]
        told = [await self._types(each, caller) for each in wanted if each.status == "active"]
        return [each for each in told if each is not None]

    async def _types(self, tenant: Tenant, caller: Principal) -> TenantTypes | None:
        try:
            asked = Asked(_TEMPLATE, "read", tenant.name, ())
            admitted = self._broker if caller is OPEN else await admit(self._broker, caller, asked)
        except (NotAllowed, UnknownTenant):
            return None
        context = await self._broker.contexts.of_tenant(tenant)
        return TenantTypes(tenant.name, context, await reports(admitted, tenant))
