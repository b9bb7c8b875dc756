"""Connectors in PostgreSQL: what they are, when they are due, and who runs one at the moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.store.import_tables import connector
from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import tenant
from services.kernel.errors import NotFound
from services.kernel.paging import Page

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector of a tenant. `secret` is sealed; `state` says how its last runs were."""

    connector_id: int
    tenant: str
    name: str
    path: str
    document: Mapping[str, Any]
    secret: str
    is_active: bool
    next_at: datetime | None = None
    failures: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    changed_at: datetime | None = None


class ConnectorStore:
    """The connectors of every tenant, seen by one holder of leases."""

    def __init__(self, engine: AsyncEngine, holder: str) -> None:
        self._engine = engine
        self._holder = holder

    async def put(self, given: Connector, tenant_id: int, now: datetime) -> bool:
        """Store a connector, and tell whether it is new. What was known of its document is forgotten."""
        values = {
            "service_path": given.path,
            "document": given.document,
            "secret": given.secret,
            "is_active": given.is_active,
            "changed_at": now,
            "next_at": given.next_at,
            "failures": 0,
            "state": {},
        }
        this = (connector.c.tenant_id == tenant_id) & (connector.c.name == given.name)
        async with transaction(self._engine) as connection:
            if (await connection.execute(update(connector).where(this).values(values))).rowcount:
                return False
            row = {"tenant_id": tenant_id, "name": given.name, "created_at": now, **values}
            await connection.execute(insert(connector).values(row))
        return True

    async def list(self, tenant_name: str, page: Page) -> tuple[int, Sequence[Connector]]:
        """Return how many connectors a tenant has, and one page of them, by name."""
        condition = is_of_tenant(connector.c.tenant_id, tenant_name)
        query = select(connector).where(condition).order_by(connector.c.name).limit(page.limit).offset(page.offset)
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(connector).where(condition))
            rows = (await connection.execute(query)).mappings().all()
        return count or 0, [_connector(row, tenant_name) for row in rows]

    async def find(self, tenant_name: str, name: str) -> Connector:
        """Return one connector. Raises NotFound."""
        this = is_of_tenant(connector.c.tenant_id, tenant_name) & (connector.c.name == name)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(connector).where(this))).mappings().first()
        if row is None:
            raise NotFound(f"Connector {name:.100} does not exist", field="name")
        return _connector(row, tenant_name)

    async def remove(self, tenant_name: str, name: str) -> None:
        """Delete a connector. Raises NotFound."""
        this = is_of_tenant(connector.c.tenant_id, tenant_name) & (connector.c.name == name)
        async with transaction(self._engine) as connection:
            if not (await connection.execute(delete(connector).where(this))).rowcount:
                raise NotFound(f"Connector {name:.100} does not exist", field="name")

    async def ask_for(self, tenant_name: str, name: str, now: datetime) -> None:
        """Let a connector run at once, also one that is not active and whose document has not changed."""
        this = is_of_tenant(connector.c.tenant_id, tenant_name) & (connector.c.name == name)
        asked = {"next_at": now, "state": connector.c.state.op("||")({"is_asked": True})}
        async with transaction(self._engine) as connection:
            if not (await connection.execute(update(connector).where(this).values(asked))).rowcount:
                raise NotFound(f"Connector {name:.100} does not exist", field="name")

    async def claim(self, now: datetime) -> Connector | None:
        """Take a connector that is due and that nobody runs; none if there is none."""
        is_free = connector.c.leased_until.is_(None) | (connector.c.leased_until < now)
        is_wanted = connector.c.is_active | connector.c.state.has_key("is_asked")
        due = (
            select(connector.c.connector_id)
            .where(connector.c.next_at <= now, is_free, is_wanted)
            .order_by(connector.c.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            found = await connection.scalar(due)
            if found is None:
                return None
            this = connector.c.connector_id == found
            await connection.execute(
                update(connector).where(this).values(holder=self._holder, leased_until=now + LEASE)
            )
            query = select(connector, tenant.c.name.label("tenant_name")).join(tenant).where(this)
            row = (await connection.execute(query)).mappings().one()
        return _connector(row, row["tenant_name"])

    async def settle(self, done: Connector) -> None:
        """Store how a run was and when the next one is due, unless the connector was changed meanwhile."""
        mine = (connector.c.connector_id == done.connector_id) & (connector.c.holder == self._holder)
        values = {"next_at": done.next_at, "failures": done.failures, "state": done.state}
        is_same = connector.c.changed_at == done.changed_at
        async with transaction(self._engine) as connection:
            await connection.execute(update(connector).where(mine & is_same).values(values))
            await connection.execute(update(connector).where(mine).values(holder=None, leased_until=None))


def _connector(row: RowMapping, tenant_name: str) -> Connector:
    return Connector(
        connector_id=row["connector_id"],
        tenant=tenant_name,
        name=row["name"],
        path=row["service_path"],
        document=row["document"],
        secret=row["secret"],
        is_active=row["is_active"],
        next_at=row["next_at"],
        failures=row["failures"],
        state=row["state"],
        changed_at=row["changed_at"],
    )
