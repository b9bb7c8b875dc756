"""Configuration subscriptions in PostgreSQL."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.configuration import Question, Subscription
from services.ingest.domain.device import Device
from services.ingest.store.configuration_tables import configuration_subscription as table
from services.ingest.store.devices import device_of, select_devices
from services.ingest.store.sessions import is_of_tenant, tenant_id_of, transaction
from services.ingest.store.tables import device
from services.ingest.store.versions import raise_version
from services.kernel.errors import Conflict

MOST_OF_A_DEVICE = 20


class SubscriptionStore:
    """What devices want to be told of. Each change raises the registry's version, so that the broker learns of it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, asking: Device, question: Question) -> None:
        """Store what a device subscribes to, once. Raises Conflict where it has too many subscriptions."""
        mine = (table.c.device_key == asking.device_key) & is_of_tenant(table.c.tenant_id, asking.tenant)
        row = {
            "tenant_id": tenant_id_of(asking.tenant).scalar_subquery(),
            "device_key": asking.device_key,
            "apikey": question.key[0],
            "is_ultralight": question.is_ultralight,
            "fields": sorted(question.fields),
        }
        added = upsert(table).values(row).on_conflict_do_nothing().returning(table.c.subscription_id)
        async with transaction(self._engine) as connection:
            if await connection.scalar(added) is None:
                return
            count = await connection.scalar(select(func.count()).select_from(table).where(mine))
            if (count or 0) > MOST_OF_A_DEVICE:
                raise Conflict(f"Device {asking.device_id} has {MOST_OF_A_DEVICE} configuration subscriptions already")
            await raise_version(connection)

    async def clear(self, asking: Device) -> None:
        """End what a device has subscribed to."""
        mine = (table.c.device_key == asking.device_key) & is_of_tenant(table.c.tenant_id, asking.tenant)
        async with transaction(self._engine) as connection:
            if (await connection.execute(delete(table).where(mine))).rowcount:
                await raise_version(connection)

    async def find(self, tenant_name: str, subscription_id: int) -> tuple[Device, Subscription] | None:
        """Return a subscription with its device."""
        wanted = (table.c.subscription_id == subscription_id) & is_of_tenant(table.c.tenant_id, tenant_name)
        query = (
            select_devices()
            .add_columns(table.c.apikey.label("asked_by"), table.c.fields.label("asked"), table.c.is_ultralight)
            .join(table, table.c.device_key == device.c.device_key)
            .where(wanted)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        asking = device_of(row)
        key = row["asked_by"], asking.device_id
        return asking, Subscription(key, tuple(row["asked"]), row["is_ultralight"])

    async def fields(self) -> Mapping[int, Mapping[int, tuple[str, ...]]]:
        """Return the attributes of every subscription, by device and number of the subscription."""
        query = select(table.c.device_key, table.c.subscription_id, table.c.fields).order_by(table.c.subscription_id)
        found: dict[int, dict[int, tuple[str, ...]]] = {}
        async with transaction(self._engine) as connection:
            for row in await connection.execute(query):
                found.setdefault(row.device_key, {})[row.subscription_id] = tuple(row.fields)
        return found
