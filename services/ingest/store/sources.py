"""Where the entities of a tenant come from: counts of devices, connectors, and files that were imported by hand."""

from sqlalchemy import ColumnElement, RowMapping, Select, Text, and_, cast, desc, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.device import DEFAULT_TYPE
from services.ingest.store.runs import FINISHED
from services.ingest.store.sessions import is_of_tenant, transaction
from services.ingest.store.tables import device, device_group, import_run

_MOST = 1000


class SourceStore:
    """Counts of what every tenant's entities come from."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def devices(self, tenant_name: str) -> list[RowMapping]:
        """Return rows of `path`, `type`, `transport` and `count`: how many devices there are of each."""
        return await self._rows(_devices(tenant_name))

    async def files(self, tenant_name: str) -> list[RowMapping]:
        """Return rows of `path`, `type`, `name` and `feed`: of each type the last document sent by hand."""
        return await self._rows(_files(tenant_name))

    async def _rows(self, query: Select[tuple[object, ...]]) -> list[RowMapping]:
        async with transaction(self._engine) as connection:
            return list((await connection.execute(query.limit(_MOST))).mappings())


def _devices(tenant_name: str) -> Select[tuple[object, ...]]:
    """Select counts of devices; a device has what it lacks from the first group of its service path."""
    place = (device_group.c.tenant_id, device_group.c.service_path)
    own = is_of_tenant(device_group.c.tenant_id, tenant_name)
    ordered = select(*place, device_group.c.fields).where(own).order_by(*place, device_group.c.group_id)
    group = ordered.distinct(*place).subquery()

    def told(name: str, default: str) -> ColumnElement[str]:
        own, shared = device.c.fields[name].astext, group.c.fields[name].astext
        return func.coalesce(own, shared, cast(literal(default), Text))

    kind, transport = told("entity_type", DEFAULT_TYPE).label("type"), told("transport", "").label("transport")
    where = and_(group.c.tenant_id == device.c.tenant_id, group.c.service_path == device.c.service_path)
    labels = (device.c.service_path.label("path"), kind, transport)
    counted = select(*labels, func.count().label("count")).join_from(device, group, where, isouter=True)
    return counted.where(is_of_tenant(device.c.tenant_id, tenant_name)).group_by(*labels).order_by(*labels)


def _files(tenant_name: str) -> Select[tuple[object, ...]]:
    report = import_run.c.report
    path = func.coalesce(import_run.c.plan["path"].astext, cast(literal("/"), Text)).label("path")
    kind = report["type"].astext.label("type")
    by_hand = func.coalesce(report["connector"].astext, cast(literal(""), Text)) == ""
    name, feed = report["file_name"].astext.label("name"), report["feed"].astext.label("feed")
    done = and_(is_of_tenant(import_run.c.tenant_id, tenant_name), import_run.c.status == FINISHED, by_hand)
    listed = select(path, kind, name, feed).where(done).distinct(path, kind)
    return listed.order_by(path, kind, desc(import_run.c.run_id))
