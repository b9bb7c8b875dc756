"""Keep the live data sets of a tenant equal to what the broker holds."""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Dataset, Kind, Live, Publisher, State, Withdrawal, merge
from services.catalog.domain.live import content_of
from services.catalog.domain.observation import Observation
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.naming import Wish, give_names
from services.catalog.store.find import find_of_tenant
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.catalog.store.tables import dataset
from services.catalog.store.write import add, replace
from services.kernel.clock import to_iso_millis
from services.kernel.errors import UnknownTenant

_LIVE = dataset.c.kind == Kind.LIVE


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be written: entity types without a data set, and data sets that changed."""

    new: tuple[Live, ...]
    changed: tuple[Dataset, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has to be written."""
        return not (self.new or self.changed)


async def record_observation(catalogue: Catalogue, observation: Observation) -> Difference:
    """Bring a tenant's live data sets to what was observed; rows that did not change are not touched.

    A type that is no longer there has its data set withdrawn, until it comes back. Raises Unavailable.
    """
    try:
        tenant = await catalogue.tenants.find(observation.tenant)
    except UnknownTenant:
        return Difference((), ())
    async with reading(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        known = await find_of_tenant(connection, tenant.tenant_id, _LIVE)
    difference = _difference(known, observation.types, owner, catalogue)
    if difference.is_empty:
        return difference
    async with writing(catalogue.engine) as connection:
        known = await find_of_tenant(connection, tenant.tenant_id, _LIVE, lock=True)
        difference = _difference(known, observation.types, owner, catalogue)
        await _create(connection, catalogue, owner, difference.new)
        for each in difference.changed:
            await replace(connection, each)
    return difference


def _difference(known: Iterable[Dataset], types: Iterable[Live], owner: Publisher, catalogue: Catalogue) -> Difference:
    observed = {live.entity_type: live for live in types}
    changed = []
    for each in known:
        assert each.live is not None
        live = observed.pop(each.live.entity_type, None)
        renewed = _renewed(each, live, owner, catalogue) if live else _vanished(each, catalogue)
        if renewed is not None:
            changed.append(renewed)
    return Difference(tuple(observed.values()), tuple(changed))


def _renewed(known: Dataset, live: Live, owner: Publisher, catalogue: Catalogue) -> Dataset | None:
    wanted = dataclasses.replace(content_of(live, owner), modified=known.content.modified)
    content = merge(known.content, wanted, known.edited)
    renewed = dataclasses.replace(known, content=content, live=live)
    if known.withdrawn_because is Withdrawal.VANISHED:
        renewed = dataclasses.replace(renewed, state=State.PUBLISHED, withdrawn_because=None)
    if renewed == known:
        return None
    now = catalogue.clock()
    if "modified" not in known.edited:
        content = dataclasses.replace(content, modified=to_iso_millis(now))
    return dataclasses.replace(renewed, content=content, updated_at=now)


def _vanished(known: Dataset, catalogue: Catalogue) -> Dataset | None:
    if known.state is State.WITHDRAWN:
        return None
    return dataclasses.replace(
        known, state=State.WITHDRAWN, withdrawn_because=Withdrawal.VANISHED, updated_at=catalogue.clock()
    )


async def _create(connection: AsyncConnection, catalogue: Catalogue, owner: Publisher, types: Sequence[Live]) -> None:
    wishes = [Wish(slug.of_type(owner.name, live.type_name), live.entity_type) for live in types]
    names = await give_names(connection, owner.name, wishes) if types else []
    now = catalogue.clock()
    created = []
    for name, live in zip(names, types, strict=True):
        content = dataclasses.replace(content_of(live, owner), modified=to_iso_millis(now))
        created.append(
            Dataset(uuid.uuid4(), name, owner, Kind.LIVE, content, now, now, access=catalogue.live_access, live=live)
        )
    await add(connection, created)
