"""Entities in PostgreSQL: locking and loading what a writer needs, and storing what became of it, set by set."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.broker.domain.attribute import GEO_PROPERTY, Attributes, Instance
from services.broker.domain.entity import Entity
from services.broker.query.geometry import area_of
from services.broker.store.history import Recorded
from services.broker.store.rows import entity_from_row
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements
from services.kernel.values import frozen

_SQL = load_statements("services.broker.store", "sql/entities.sql")


@frozen
class Rewrite:
    """A stored entity as it was loaded and as it is to be."""

    before: Entity
    after: Entity


async def lock_names(connection: Connection, tenant_id: int, names: Sequence[str]) -> None:
    """Hold these names of a tenant until the transaction ends."""
    await connection.fetch(_SQL["lock_names"], tenant_id, names)


async def lock_stored(
    connection: Connection, tenant_id: int, uris: Sequence[str], ids: Sequence[str]
) -> dict[int, Entity]:
    """Load and lock the entities stored under NGSI-LD ids and NGSIv2 ids, by their number (`seq`)."""
    rows: list[Any] = []
    if uris:
        rows += await connection.fetch(_SQL["lock_by_uri"], tenant_id, uris)
    if ids:
        rows += await connection.fetch(_SQL["lock_by_id"], tenant_id, ids)
    return {row["seq"]: entity_from_row(row) for row in rows}


async def stored_under(connection: Connection, tenant_id: int, name: str, *, by_uri: bool) -> list[Entity]:
    """Return the living entities stored under an id, the earliest created first."""
    statement = _SQL["retrieve_by_uri" if by_uri else "retrieve_by_id"]
    return [entity_from_row(row) for row in await connection.fetch(statement, tenant_id, name)]


async def stored_under_each(
    connection: Connection, tenant_id: int, names: Sequence[str], *, by_uri: bool
) -> Mapping[str, list[Entity]]:
    """Return the living entities stored under each of several ids, the earliest created first."""
    statement = _SQL["retrieve_each_by_uri" if by_uri else "retrieve_each_by_id"]
    found: dict[str, list[Entity]] = {}
    for row in await connection.fetch(statement, tenant_id, names):
        entity = entity_from_row(row)
        found.setdefault(entity.uri if by_uri else entity.id, []).append(entity)
    return found


async def insert(
    connection: Connection, tenant_id: int, created: Sequence[Entity], *, with_history: bool = False
) -> Mapping[tuple[str, str, str], int]:
    """Store new entities and return their numbers by key; a key that is taken does not come back.

    With `with_history` their attributes, as they are, are also their history.
    """
    rows = await connection.fetch(
        _SQL["insert_entities"],
        tenant_id,
        [each.id for each in created],
        [each.type for each in created],
        [each.path for each in created],
        [each.uri for each in created],
        [_types(each) for each in created],
        [_scopes(each) for each in created],
        [each.attrs for each in created],
        [_area(each) for each in created],
        [each.created_at for each in created],
        [each.modified_at for each in created],
        [each.expires_at for each in created],
        with_history,
    )
    return {(row["id"], row["type"], row["path"]): row["seq"] for row in rows}


async def rewrite(connection: Connection, tenant_id: int, changed: Sequence[Entity]) -> None:
    """Store entities of which more changed than attributes: indexes are touched."""
    await connection.execute(
        _SQL["update_entities"],
        tenant_id,
        [each.seq for each in changed],
        [each.type for each in changed],
        [_types(each) for each in changed],
        [_scopes(each) for each in changed],
        [each.attrs for each in changed],
        [_area(each) for each in changed],
        [each.modified_at for each in changed],
        [each.expires_at for each in changed],
    )


async def keep_changes(
    connection: Connection, tenant_id: int, written: Sequence[Entity], recorded: Recorded
) -> tuple[int, list[str]]:
    """Store entities of which only attributes changed, and the history of a transaction.

    Returns the version of the tenant's subscriptions, 0 if it has none, and the attributes that it has indexes on.
    """
    replaced = recorded.replaced
    rows = [
        {
            "seq": each.seq,
            "attrs": each.attrs,
            "modified_at": each.modified_at,
            "uri": each.uri,
            "replaced": replaced.get(each.seq),
        }
        for each in written
    ]
    row = await connection.fetchrow(_SQL["keep_changes"], tenant_id, rows, recorded.rows)
    return row["subscriptions"], row["indexes"]


async def delete(connection: Connection, tenant_id: int, numbers: Sequence[int]) -> None:
    """Delete entities by their numbers."""
    await connection.execute(_SQL["delete_entities"], tenant_id, numbers)


async def find_expired(connection: Connection) -> list[Any]:
    """Return the tenant and identity of entities whose time is over, of every tenant."""
    rows: list[Any] = await connection.fetch(_SQL["find_expired"])
    return rows


def only_attributes_changed(pair: Rewrite) -> bool:
    """Tell whether a rewrite touches no indexed column: such updates take a shorter way."""
    before, after = pair.before, pair.after
    return (
        before.types == after.types
        and before.scopes == after.scopes
        and before.expires_at == after.expires_at
        and not _geometry_changed(before.attrs, after.attrs)
    )


def _geometry_changed(before: Attributes, after: Attributes) -> bool:
    for name, instances in after.items():
        there = before.get(name)
        if there is instances or not (_has_geometry(instances) or (there is not None and _has_geometry(there))):
            continue
        if _geometries(there or ()) != _geometries(instances):
            return True
    gone = () if before.keys() <= after.keys() else before.keys() - after.keys()
    return any(_has_geometry(before[name]) for name in gone)


def _has_geometry(instances: list[Instance]) -> bool:
    if len(instances) == 1:
        return bool(instances[0]["kind"] == GEO_PROPERTY)
    return any(instance["kind"] == GEO_PROPERTY for instance in instances)


def _geometries(instances: Sequence[Instance]) -> list[Any]:
    return [instance["value"] for instance in instances if instance["kind"] == GEO_PROPERTY]


def _types(entity: Entity) -> str | None:
    return _array(entity.types) if len(entity.types) > 1 else None


def _scopes(entity: Entity) -> str | None:
    return None if entity.scopes is None else _array(entity.scopes)


def _array(texts: Sequence[str]) -> str:
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return "{" + ",".join(quoted) + "}"


def _area(entity: Entity) -> str | None:
    box = area_of(entity.attrs)
    return None if box is None else f"({box[0]!r},{box[1]!r}),({box[2]!r},{box[3]!r})"
