"""Tenants' own mappings in PostgreSQL."""

from collections.abc import Mapping as Fields
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.store.import_tables import import_mapping
from services.ingest.store.sessions import is_of_tenant, transaction
from services.kernel.errors import NotFound


class MappingStore:
    """The mappings of every tenant, as documents."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, tenant_name: str) -> Sequence[Fields[str, Any]]:
        """Return a tenant's mappings, by name."""
        query = (
            select(import_mapping.c.document)
            .where(is_of_tenant(import_mapping.c.tenant_id, tenant_name))
            .order_by(import_mapping.c.name)
        )
        async with transaction(self._engine) as connection:
            return [row.document for row in await connection.execute(query)]

    async def put(self, tenant_id: int, name: str, document: Fields[str, Any], now: datetime) -> bool:
        """Store a mapping, and tell whether it is new."""
        row = {"tenant_id": tenant_id, "name": name, "document": document, "changed_at": now}
        statement = insert(import_mapping).values(row)
        this = (import_mapping.c.tenant_id == tenant_id) & (import_mapping.c.name == name)
        async with transaction(self._engine) as connection:
            is_new = await connection.scalar(select(import_mapping.c.name).where(this)) is None
            changed = {"document": statement.excluded.document, "changed_at": now}
            await connection.execute(
                statement.on_conflict_do_update(index_elements=("tenant_id", "name"), set_=changed)
            )
        return is_new

    async def remove(self, tenant_name: str, name: str) -> None:
        """Delete a mapping. Raises NotFound."""
        this = is_of_tenant(import_mapping.c.tenant_id, tenant_name) & (import_mapping.c.name == name)
        async with transaction(self._engine) as connection:
            if not (await connection.execute(delete(import_mapping).where(this))).rowcount:
                raise NotFound(f"Mapping {name:.100} is none of the tenant's own", field="name")
