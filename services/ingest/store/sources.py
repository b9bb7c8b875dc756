"""Where the entities of a tenant come from: counts of devices, connectors, and files that were imported by hand."""

from sqlalchemy import ColumnElement, RowMapping, Select, Text, and_, cast, func, literal, select
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
    of_place = select(*place, func.min(device_group.c.group_id).label("first")).group_by(*place)
    groups = of_place.where(is_of_tenant(device_group.c.tenant_id, tenant_name)).subquery()
    in_place = and_(groups.c.tenant_id == device.c.tenant_id, groups.c.service_path == device.c.service_path)
    joined = device.outerjoin(groups, in_place).outerjoin(device_group, device_group.c.group_id == groups.c.first)
    kind, transport = _inherited("entity_type", DEFAULT_TYPE), _inherited("transport", "")
    labels = (device.c.service_path.label("path"), kind.label("type"), transport.label("transport"))
    counted = select(*labels, func.count().label("count")).select_from(joined)
    return counted.where(is_of_tenant(device.c.tenant_id, tenant_name)).group_by(*labels).order_by(*labels)


def _inherited(name: str, default: str) -> ColumnElement[str]:
    own, shared = device.c.fields[name].astext, device_group.c.fields[name].astext
    return func.coalesce(own, shared, cast(literal(default), Text))


def _files(tenant_name: str) -> Select[tuple[object, ...]]:
    report = import_run.c.report
    path = func.coalesce(import_run.c.plan["path"].astext, cast(literal("/"), Text)).label("path")
    kind = report["type"].astext.label("type")
    by_hand = func.coalesce(report["connector"].astext, cast(literal(""), Text)) == ""
    done = and_(is_of_tenant(import_run.c.tenant_id, tenant_name), import_run.c.status == FINISHED, by_hand)
    last = select(func.max(import_run.c.run_id)).where(done).group_by(path, kind)
    name, feed = report["file_name"].astext.label("name"), report["feed"].astext.label("feed")
    listed = select(path, kind, name, feed).where(import_run.c.run_id.in_(last))
    return listed.order_by(path, kind)
