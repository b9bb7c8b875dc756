"""How much more a tenant may have of what lies in a service's own tables, as its quotas say."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.errors import QuotaReached


async def room_for(connection: AsyncConnection, name: str, tables: Sequence[Table], tenant_id: int) -> int | None:
    """Return how many rows a tenant may still add to some tables, at least 0; None where it has no such quota.

    Where it has one, no other transaction that asks adds any until this one ends.
    """
    tenant = tables[0].metadata.tables["tenant"]
    quota = tenant.c.details["quotas"][name].astext.cast(BigInteger)
    asked = select(quota).where(tenant.c.tenant_id == tenant_id, quota.is_not(None)).with_for_update(key_share=True)
    most = await connection.scalar(asked)
    if most is None:
        return None
    held = [select(func.count()).where(each.c.tenant_id == tenant_id).scalar_subquery() for each in tables]
    return max(0, int(most) - int(await connection.scalar(select(sum(held[1:], held[0]))) or 0))


async def require_room(
    connection: AsyncConnection, name: str, tables: Sequence[Table], tenant_id: int, more: int
) -> None:
    """Refuse to add rows that a tenant's quota has no room for. Raises QuotaReached."""
    room = await room_for(connection, name, tables, tenant_id)
    if room is not None and more > room:
        raise QuotaReached(f"The tenant has reached its quota {name}", quota=name)
