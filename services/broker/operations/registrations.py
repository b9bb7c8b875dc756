"""Use cases of context source registrations (5.9), and which of them a write to an entity must go to (4.3.6)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.broker.domain.entity import Entity
from services.broker.domain.registration import Information, Mode, Registration
from services.broker.domain.selection import TypeAny, TypeIs
from services.broker.matching.registration import is_about
from services.broker.operations.broker import Broker
from services.broker.operations.quotas import Rooms
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.store import entities, queries
from services.broker.store import registrations as store
from services.kernel.errors import Conflict, NotFound
from services.kernel.paging import Page
from services.kernel.postgres import Connection, session
from services.kernel.tenancy import Tenant

_TAKES_AWAY = frozenset({Mode.EXCLUSIVE, Mode.REDIRECT})


async def create(broker: Broker, tenant: Tenant, registration: Registration) -> None:
    """Store a registration (5.9.2), drop those whose place it takes. Raises AlreadyExists, Conflict, QuotaReached."""
    await Rooms(broker.pool, broker.tenants).require(tenant, "registrations")
    async with session(broker.pool) as connection, connection.transaction():
        await store.lock_tenant(connection, tenant.tenant_id)
        if registration.mode is Mode.EXCLUSIVE and registration.fiware:
            for each in await store.living(connection, tenant.tenant_id, broker.clock()):
                if each.id != registration.id and registration.takes_place_of(each):
                    await store.delete(connection, tenant.tenant_id, each.id)
        await store.insert(connection, tenant.tenant_id, registration)
        await _check_conflicts(connection, tenant, registration)
    broker.registrations.forget(tenant.tenant_id)


async def retrieve(broker: Broker, tenant: Tenant, identifier: str) -> Registration:
    """Return a registration (5.10.1). Raises NotFound."""
    async with session(broker.pool) as connection:
        registration = await store.retrieve(connection, tenant.tenant_id, identifier, broker.clock())
    if registration is None:
        raise _missing(identifier)
    return registration


async def find(
    broker: Broker, tenant: Tenant, fits: Callable[[Registration], bool], page: Page
) -> tuple[list[Registration], int]:
    """Return a page of the registrations that fit, in order of creation, and the number of all (5.10.2)."""
    async with session(broker.pool) as connection:
        living = await store.living(connection, tenant.tenant_id, broker.clock())
    found = [each for each in living if fits(each)]
    return found[page.offset : page.offset + page.limit], len(found)


async def update(
    broker: Broker, tenant: Tenant, identifier: str, change: Callable[[Registration], Registration]
) -> None:
    """Replace a registration by what `change` makes of it (5.9.3). Raises NotFound, Conflict."""
    async with session(broker.pool) as connection, connection.transaction():
        await store.lock_tenant(connection, tenant.tenant_id)
        there = await store.retrieve(connection, tenant.tenant_id, identifier, broker.clock())
        if there is None:
            raise _missing(identifier)
        registration = change(there)
        await _check_conflicts(connection, tenant, registration)
        await store.replace(connection, tenant.tenant_id, registration)
    broker.registrations.forget(tenant.tenant_id)


async def delete(broker: Broker, tenant: Tenant, identifier: str) -> None:
    """Delete a registration (5.9.4). Raises NotFound."""
    async with session(broker.pool) as connection, connection.transaction():
        await store.lock_tenant(connection, tenant.tenant_id)
        if not await store.delete(connection, tenant.tenant_id, identifier):
            raise _missing(identifier)
    broker.registrations.forget(tenant.tenant_id)


async def note(broker: Broker, tenant: Tenant, identifier: str, *, success: bool) -> None:
    """Keep what became of one forwarded request."""
    async with session(broker.pool) as connection:
        await store.note(connection, tenant.tenant_id, identifier, broker.clock(), success=success)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A registration whose source has (some of) an entity instead of this context broker, by what it says of it."""

    registration: Registration
    parts: tuple[Information, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether the source has all attributes."""
        return any(not part.attributes for part in self.parts)

    def has(self, name: str) -> bool:
        """Tell whether the source has an attribute (an expanded name)."""
        return any(part.has(name) for part in self.parts)


async def proxied(broker: Broker, tenant: Tenant, uri: str, types: Collection[str] = ()) -> list[Proxy]:
    """Return the exclusive and redirect registrations about an entity: writes to it go there (4.3.6.3).

    `types` are what the request says of the entity; those of the entity that is stored here count as well.
    """
    known = await proxies(broker, tenant)
    if not known or not any(is_about(part, uri) for each in known for part in each.information):
        return []
    async with session(broker.pool) as connection:
        stored = await entities.stored_under(connection, tenant.tenant_id, uri, by_uri=True)
    every = {*types, *(name for entity in stored for name in entity.types)}
    found = [Proxy(each, tuple(part for part in each.information if is_about(part, uri, every))) for each in known]
    return [each for each in found if each.parts]


async def proxies(broker: Broker, tenant: Tenant) -> list[Registration]:
    """Return a tenant's exclusive and redirect registrations, at most a second old."""
    cache = broker.registrations
    now = broker.clock()
    known = cache.known(tenant.tenant_id, now)
    if known is None:
        async with session(broker.pool) as connection:
            living = await store.living(connection, tenant.tenant_id, now)
        known = [each for each in living if each.mode in _TAKES_AWAY]
        cache.keep(tenant.tenant_id, known, now)
    return known


def _missing(identifier: str) -> NotFound:
    return NotFound(f"Registration {identifier} does not exist", id=identifier)


async def _check_conflicts(connection: Connection, tenant: Tenant, registration: Registration) -> None:
    if registration.mode not in _TAKES_AWAY:
        return
    now = registration.modified_at
    others = await store.living(connection, tenant.tenant_id, now)
    for other in others:
        if other.id != registration.id and Mode.EXCLUSIVE in (other.mode, registration.mode):
            _check_overlap(registration, other)
    for part in registration.information:
        if registration.mode is Mode.EXCLUSIVE:
            await _check_attributes(connection, tenant, part)
        elif await _is_stored(connection, tenant, part):
            raise Conflict("An entity that the registration is about is stored here already")


def _check_overlap(registration: Registration, other: Registration) -> None:
    if other.mode not in _TAKES_AWAY:
        return
    for part in registration.information:
        for theirs in other.information:
            if _overlap(part, theirs):
                raise Conflict(f"Registration {other.id} is {other.mode} for the same entity and attributes")


def _overlap(one: Information, other: Information) -> bool:
    if one.attributes and other.attributes and one.attributes.isdisjoint(other.attributes):
        return False
    return any(is_about(other, each.id, each.types) for each in one.entities if each.id) or any(
        is_about(one, each.id, each.types) for each in other.entities if each.id
    )


async def _check_attributes(connection: Connection, tenant: Tenant, part: Information) -> None:
    for each in part.entities:
        stored: list[Entity] = await entities.stored_under(connection, tenant.tenant_id, str(each.id), by_uri=True)
        if any(not part.attributes.isdisjoint(entity.attrs) for entity in stored):
            raise Conflict(f"Entity {each.id} has an attribute of the registration already")


async def _is_stored(connection: Connection, tenant: Tenant, part: Information) -> bool:
    selectors = tuple(
        EntitySelector(
            ids=(each.id,) if each.id else (),
            id_pattern=each.id_pattern,
            types=TypeAny(tuple(map(TypeIs, sorted(each.types)))),
        )
        for each in part.entities
    )
    attributes = tuple(sorted(part.attributes))
    found = await queries.find(
        connection, tenant.tenant_id, EntityQuery(selectors=selectors, attributes=attributes, page=Page(limit=1))
    )
    return bool(found.entities)
