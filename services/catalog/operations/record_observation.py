"""Keep the live data sets of a tenant equal to what the broker holds."""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Content, Dataset, Kind, Live, Publisher, State, Withdrawal, merge
from services.catalog.domain.freshness import instant_of
from services.catalog.domain.live import content_of
from services.catalog.domain.observation import Observation
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.follow_open_data import settle_access
from services.catalog.operations.naming import Wish, give_names
from services.catalog.store.live_datasets import live_of_tenant
from services.catalog.store.live_statistics import keep_statistics
from services.catalog.store.publishers import publisher
from services.catalog.store.session import reading, writing
from services.catalog.store.write import add, replace
from services.kernel.clock import to_iso_millis

_COARSE = timedelta(minutes=1)
"""How far the time of the last change of live data may be behind in their data set; the statistics have it exact."""


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

    A type that is no longer there has its data set withdrawn, until it comes back. Raises UnknownTenant, Unavailable.
    """
    tenant = await catalogue.tenants.find(observation.tenant)
    async with reading(catalogue.engine) as connection:
        owner = await publisher(connection, tenant.tenant_id)
        known = await live_of_tenant(connection, tenant.tenant_id)
    difference = _difference(known, observation, owner, catalogue)
    if difference.is_empty and not observation.statistics:
        return difference
    async with writing(catalogue.engine) as connection:
        if not difference.is_empty:
            known = await live_of_tenant(connection, tenant.tenant_id, lock=True)
            difference = _difference(known, observation, owner, catalogue)
            await _create(connection, catalogue, owner, (difference.new, observation))
            for each in difference.changed:
                await replace(connection, each)
        await keep_statistics(connection, tenant.tenant_id, observation.statistics)
    if difference.new:
        await settle_access(catalogue, observation.tenant)
    return difference


def _difference(
    known: Iterable[Dataset], observation: Observation, owner: Publisher, catalogue: Catalogue
) -> Difference:
    observed = {live.entity_type: live for live in observation.types}
    changed = []
    for each in known:
        assert each.live is not None
        live = observed.pop(each.live.entity_type, None)
        wanted = _content(live, owner, observation) if live else None
        renewed = _renewed(each, live, wanted, catalogue) if live and wanted else _vanished(each, catalogue)
        if renewed is not None:
            changed.append(renewed)
    return Difference(tuple(observed.values()), tuple(changed))


def _content(live: Live, owner: Publisher, observation: Observation) -> Content:
    """Return what the catalogue says by itself; when the data changed only as far as that is known."""
    statistics = observation.statistics.get(live.entity_type)
    content = content_of(live, owner)
    if statistics is None:
        return content
    changed_at = to_iso_millis(statistics.changed_at) if statistics.changed_at else None
    return dataclasses.replace(content, box=statistics.box, modified=changed_at)


def _renewed(known: Dataset, live: Live, wanted: Content, catalogue: Catalogue) -> Dataset | None:
    is_told = wanted.modified is not None
    if wanted.modified is None or _is_about(wanted.modified, known.content.modified):
        wanted = dataclasses.replace(wanted, modified=known.content.modified)
    if wanted.box is None:
        wanted = dataclasses.replace(wanted, box=known.content.box)
    content = merge(known.content, wanted, known.edited)
    renewed = dataclasses.replace(known, content=content, live=live)
    if known.withdrawn_because is Withdrawal.VANISHED:
        renewed = dataclasses.replace(renewed, state=State.PUBLISHED, withdrawn_because=None)
    if renewed == known:
        return None
    now = catalogue.clock()
    if "modified" not in known.edited and not is_told:
        content = dataclasses.replace(content, modified=to_iso_millis(now))
    return dataclasses.replace(renewed, content=content, updated_at=now)


def _is_about(instant: str, known: str | None) -> bool:
    """Tell whether an instant is so little after the known one that a row is not written for it."""
    before = instant_of(known) if known else None
    now = instant_of(instant)
    return before is not None and now is not None and timedelta() <= now - before < _COARSE


def _vanished(known: Dataset, catalogue: Catalogue) -> Dataset | None:
    if known.state is State.WITHDRAWN:
        return None
    return dataclasses.replace(
        known, state=State.WITHDRAWN, withdrawn_because=Withdrawal.VANISHED, updated_at=catalogue.clock()
    )


async def _create(
    connection: AsyncConnection,
    catalogue: Catalogue,
    owner: Publisher,
    observed: tuple[Sequence[Live], Observation],
) -> None:
    types, observation = observed
    wishes = [Wish(slug.of_type(owner.name, live.type_name), live.entity_type) for live in types]
    names = await give_names(connection, owner.name, wishes) if types else []
    now = catalogue.clock()
    created = []
    for name, live in zip(names, types, strict=True):
        content = _content(live, owner, observation)
        if content.modified is None:
            content = dataclasses.replace(content, modified=to_iso_millis(now))
        created.append(
            Dataset(uuid.uuid4(), name, owner, Kind.LIVE, content, now, now, access=catalogue.live_access, live=live)
        )
    await add(connection, created)
