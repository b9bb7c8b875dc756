"""Take in a city's list of its open data."""

import asyncio
import dataclasses
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Content, Dataset, Kind, Origin, Publisher, State, Withdrawal, merge
from services.catalog.domain.distribution import with_identifiers
from services.catalog.listing.entry import Entry
from services.catalog.listing.listing import Listing, read_listing
from services.catalog.listing.pairing import pair
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.naming import Wish, give_names
from services.catalog.operations.publication import Step, keep_versions, published
from services.catalog.store.find import find_of_tenant
from services.catalog.store.publishers import publisher
from services.catalog.store.session import writing
from services.catalog.store.tables import dataset
from services.catalog.store.write import add, lock_names, make_room, replace


@dataclass(frozen=True, slots=True)
class Request:
    """Whose list is taken in, under which source's name, whether what it lacks is withdrawn, and who sends it."""

    tenant: str
    source: str
    withdraws_missing: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, beside what the listing itself tells."""

    listing: Listing
    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: int
    missing: tuple[str, ...]
    withdrawn: tuple[str, ...]


async def import_listing(catalogue: Catalogue, request: Request, body: bytes) -> Outcome:
    """Read a list and bring the tenant's data sets of that source to what it says.

    The same file again changes nothing. Fields that were edited by hand stay. Raises InvalidRequest, UnknownTenant.
    """
    listing = await asyncio.to_thread(read_listing, body)
    tenant = await catalogue.tenants.find_or_create(request.tenant)
    async with writing(catalogue.engine) as connection:
        await lock_names(connection)
        owner = await publisher(connection, tenant.tenant_id)
        existing = await find_of_tenant(connection, tenant.tenant_id, dataset.c.source == request.source, lock=True)
        pairing = pair(listing.entries, existing)
        created = await _create(connection, catalogue, (owner, request.source), pairing.new)
        updated = [
            changed
            for entry, known in pairing.known
            if (changed := _renewed(known, entry, request.source, catalogue)) is not None
        ]
        vanished = [_withdrawn(each, catalogue) for each in pairing.missing if each.state is State.PUBLISHED]
        withdrawn = vanished if request.withdraws_missing else []
        for each in [*updated, *withdrawn]:
            await replace(connection, each)
        step = Step(request.by, f"Imported from {request.source}")
        shown = [each for each in (*created, *updated) if each.state is State.PUBLISHED]
        await keep_versions(connection, catalogue, shown, step)
    return Outcome(
        listing,
        created=_names(created),
        updated=_names(updated),
        unchanged=len(pairing.known) - len(updated),
        missing=_names(pairing.missing),
        withdrawn=_names(withdrawn),
    )


async def _create(
    connection: AsyncConnection, catalogue: Catalogue, owner: tuple[Publisher, str], entries: Sequence[Entry]
) -> list[Dataset]:
    publisher, source = owner
    wishes = [Wish(slug.of_url(entry.url) or slug.of_key(publisher.name, entry.key), entry.key) for entry in entries]
    names = await give_names(connection, publisher.name, wishes)
    now = catalogue.clock()
    created = []
    for name, entry in zip(names, entries, strict=True):
        identifier = uuid.uuid4()
        content = _content(entry, publisher, identifier)
        origin = _origin(source, entry)
        fresh = Dataset(identifier, name, publisher, Kind.FILE, content, now, now, origin=origin)
        created.append(published(fresh, catalogue.clock))
    await make_room(connection, publisher.tenant_id, len(created))
    await add(connection, created)
    return created


def _renewed(known: Dataset, entry: Entry, source: str, catalogue: Catalogue) -> Dataset | None:
    """Return the data set as the entry wants it, None if that changes nothing."""
    wanted = _content(entry, known.publisher, known.dataset_id)
    renewed = dataclasses.replace(
        known, content=merge(known.content, wanted, known.edited), origin=_origin(source, entry)
    )
    if known.withdrawn_because is Withdrawal.VANISHED:
        renewed = dataclasses.replace(renewed, state=State.PUBLISHED, withdrawn_because=None)
    if renewed == known:
        return None
    renewed = dataclasses.replace(renewed, updated_at=catalogue.clock())
    return published(renewed, catalogue.clock) if renewed.state is State.PUBLISHED else renewed


def _withdrawn(known: Dataset, catalogue: Catalogue) -> Dataset:
    return dataclasses.replace(
        known, state=State.WITHDRAWN, withdrawn_because=Withdrawal.VANISHED, updated_at=catalogue.clock()
    )


def _content(entry: Entry, publisher: Publisher, identifier: uuid.UUID) -> Content:
    forms = with_identifiers(identifier, entry.content.distributions)
    spatial = entry.content.spatial or publisher.code
    return dataclasses.replace(entry.content, distributions=forms, spatial=spatial)


def _origin(source: str, entry: Entry) -> Origin:
    return Origin(source, entry.key, entry.url, entry.name)


def _names(datasets: Iterable[Dataset]) -> tuple[str, ...]:
    return tuple(each.name for each in datasets)
