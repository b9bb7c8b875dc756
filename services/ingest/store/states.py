"""How devices are, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.liveness import ACTIVE, MISSED, SILENT, DeviceState, Heard
from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import device_state, tenant
from services.kernel.paging import Page

_MOST_AT_ONCE = 200
_SECOND = literal(timedelta(seconds=1), INTERVAL)


class StateStore:
    """The states of every tenant's devices."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def note(self, heard: Sequence[Heard]) -> None:
        """Add what was heard to what is known; devices of tenants that are gone are left out."""
        new = upsert(device_state).values(
            tenant_id=bindparam("tenant"),
            service_path=bindparam("path"),
            device_id=bindparam("device"),
            apikey=bindparam("key"),
            entity_id=bindparam("entity"),
            expected_s=bindparam("expected"),
            first_seen_at=bindparam("seen"),
            last_seen_at=bindparam("seen"),
            messages=bindparam("count"),
            battery=bindparam("level"),
            properties=bindparam("measured"),
        )
        changed = {
            "entity_id": new.excluded.entity_id,
            "expected_s": new.excluded.expected_s,
            "last_seen_at": func.greatest(device_state.c.last_seen_at, new.excluded.last_seen_at),
            "messages": device_state.c.messages + new.excluded.messages,
            "battery": func.coalesce(new.excluded.battery, device_state.c.battery),
            "properties": new.excluded.properties,
        }
        statement = new.on_conflict_do_update(constraint=device_state.primary_key, set_=changed)
        async with transaction(self._engine) as connection:
            found = select(tenant.c.name, tenant.c.tenant_id).where(tenant.c.name.in_({each.tenant for each in heard}))
            ids = {row.name: row.tenant_id for row in await connection.execute(found)}
            rows = [_values(each, ids[each.tenant]) for each in heard if each.tenant in ids]
            if rows:
                await connection.execute(statement, rows)

    async def list(
        self, tenant_name: str, path: str | None, page: Page, now: datetime
    ) -> tuple[int, list[DeviceState]]:
        """Return how many devices of a service path (none: any) were heard, and one page of them, the silent first."""
        condition = is_of_tenant(device_state.c.tenant_id, tenant_name)
        if path is not None:
            condition &= device_state.c.service_path == path
        order = (device_state.c.last_seen_at, device_state.c.device_id, device_state.c.apikey)
        query = _select(now).where(condition).order_by(*order).limit(page.limit).offset(page.offset)
        async with transaction(self._engine) as connection:
            count = await connection.scalar(select(func.count()).select_from(device_state).where(condition))
            return count or 0, [_state(row) for row in (await connection.execute(query)).mappings()]

    async def untold(self, now: datetime) -> Sequence[DeviceState]:
        """Return devices whose state their entities do not say."""
        query = _select(now).where(_state_at(now).is_distinct_from(device_state.c.told), device_state.c.expected_s > 0)
        async with transaction(self._engine) as connection:
            return [_state(row) for row in (await connection.execute(query.limit(_MOST_AT_ONCE))).mappings()]

    async def note_told(self, states: Sequence[DeviceState]) -> None:
        """Note what the entities say now."""
        async with transaction(self._engine) as connection:
            for each in states:
                this = and_(
                    is_of_tenant(device_state.c.tenant_id, each.tenant),
                    device_state.c.service_path == each.path,
                    device_state.c.device_id == each.device_id,
                    device_state.c.apikey == each.apikey,
                )
                await connection.execute(update(device_state).where(this).values(told=each.state))


def _values(heard: Heard, tenant_id: int) -> dict[str, object]:
    return {
        "tenant": tenant_id,
        "path": heard.path,
        "device": heard.device_id,
        "key": heard.apikey,
        "entity": heard.entity_id,
        "expected": heard.expected_s,
        "seen": heard.last_seen_at,
        "count": heard.messages,
        "level": heard.battery,
        "measured": list(heard.properties),
    }


def _state_at(now: datetime) -> ColumnElement[str | None]:
    late = device_state.c.last_seen_at + device_state.c.expected_s * MISSED * _SECOND < now
    return case((device_state.c.expected_s.is_(None), None), (late, SILENT), else_=ACTIVE)


def _select(now: datetime) -> Select[tuple[object, ...]]:
    names = tenant.c.name.label("tenant"), _state_at(now).label("state"), _is_namesake().label("is_namesake")
    return select(device_state, *names).join_from(device_state, tenant)


def _is_namesake() -> ColumnElement[bool]:
    """Tell whether an earlier device of the tenant has the same id, under another API key or service path."""
    earlier = device_state.alias()
    since = [tuple_(each.c.first_seen_at, each.c.service_path, each.c.apikey) for each in (earlier, device_state)]
    same = (earlier.c.tenant_id == device_state.c.tenant_id) & (earlier.c.device_id == device_state.c.device_id)
    return exists().where(same, since[0] < since[1]).correlate(device_state)


def _state(row: RowMapping) -> DeviceState:
    return DeviceState(
        tenant=row["tenant"],
        path=row["service_path"],
        device_id=row["device_id"],
        apikey=row["apikey"],
        entity_id=row["entity_id"],
        expected_s=row["expected_s"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        messages=row["messages"],
        battery=row["battery"],
        state=row["state"],
        told=row["told"],
        properties=tuple(row["properties"]),
        is_namesake=row["is_namesake"],
    )
