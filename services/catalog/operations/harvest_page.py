"""Take a page of a source into the catalogue: each record by itself, so that a bad one harms no other."""

import dataclasses
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain import slug
from services.catalog.domain.dataset import Content, Dataset, Origin, Publisher, State, Withdrawal, merge
from services.catalog.domain.distribution import with_identifiers
from services.catalog.domain.harvest import Page, Record, Run, Source
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.naming import Wish, give_names
from services.catalog.operations.publication import Step, check_audience, keep_versions, published
from services.catalog.store.find import find_of_tenant
from services.catalog.store.harvests import known_records, store_record, taken_uris
from services.catalog.store.tables import dataset
from services.catalog.store.write import add, make_room, replace
from services.kernel.errors import HubError

MOST_ERRORS = 100
_LONGEST_ID = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """What a page is taken in with."""

    catalogue: Catalogue
    source: Source
    owner: Publisher
    run: Run


@dataclass(frozen=True, slots=True)
class _Known:
    rows: Mapping[str, Mapping[str, Any]]
    datasets: Mapping[uuid.UUID, Dataset]
    taken: frozenset[str]

    def dataset(self, record: Record) -> Dataset | None:
        row = self.rows.get(record.remote_id)
        return self.datasets.get(row["dataset_id"]) if row and row["dataset_id"] else None


async def take_page(connection: AsyncConnection, work: Work, page: Page) -> Run:
    """Bring the data sets of a page's records to what they say; return the run with its counts."""
    records = {each.remote_id[:_LONGEST_ID]: each for each in page.records}
    known = await _known(connection, work, records)
    counts, errors = dict(work.run.counts), list(work.run.errors)
    for remote_id, record in records.items():
        counts["seen"] += 1
        try:
            async with connection.begin_nested():
                outcome = await _take(connection, work, record, known)
        except HubError as error:
            outcome = "refused"
            record = dataclasses.replace(record, error=error.detail)  # noqa: PLW2901
        counts[outcome] += 1
        if outcome == "refused":
            errors.append({"remote_id": remote_id, "message": record.error})
            await _note(connection, work, record, known.dataset(record))
    return dataclasses.replace(work.run, counts=counts, errors=tuple(errors[:MOST_ERRORS]), place=page.following or "")


async def _known(connection: AsyncConnection, work: Work, records: Mapping[str, Record]) -> _Known:
    rows = await known_records(connection, work.source, list(records))
    identifiers = [row["dataset_id"] for row in rows.values() if row["dataset_id"]]
    found = await find_of_tenant(connection, work.owner.tenant_id, dataset.c.dataset_id.in_(identifiers), lock=True)
    uris = [uri for each in records.values() for uri in {each.uri, each.original} if uri]
    taken = await taken_uris(connection, work.owner.tenant_id, work.source, uris) if uris else set()
    return _Known(rows, {each.dataset_id: each for each in found}, frozenset(taken))


async def _take(connection: AsyncConnection, work: Work, record: Record, known: _Known) -> str:
    """Take one record; return what became of it."""
    own = f"{work.catalogue.addresses.catalog}/"
    if any(uri.startswith(own) or uri in known.taken for uri in (record.uri, record.original)):
        return "skipped"
    if record.content is None:
        return "refused"
    row, present = known.rows.get(record.remote_id), known.dataset(record)
    is_same = row is not None and row["fingerprint"] == record.fingerprint and not row["is_gone"] and not row["error"]
    if present is not None and is_same:
        await _note(connection, work, record, present)
        return "unchanged"
    if present is None:
        created = await _create(connection, work, record, record.content)
        await _note(connection, work, record, created)
        return "created"
    renewed = _renewed(work, present, record, record.content)
    if renewed is not None:
        await replace(connection, renewed)
        await _keep(connection, work, renewed)
    await _note(connection, work, record, renewed or present)
    return "unchanged" if renewed is None else "updated"


async def _create(connection: AsyncConnection, work: Work, record: Record, content: Content) -> Dataset:
    key = _key(record)
    wish = record.name.lower() if slug.is_name(record.name.lower()) else slug.of_key(work.owner.name, key)
    (name,) = await give_names(connection, work.owner.name, [Wish(wish, key)])
    identifier, now = uuid.uuid4(), work.catalogue.clock()
    forms = with_identifiers(identifier, content.distributions)
    created = Dataset(
        identifier,
        name,
        work.owner,
        record.kind,
        dataclasses.replace(content, distributions=forms),
        now,
        now,
        state=work.source.state,
        access=work.source.access,
        origin=_origin(work.source, record),
        unit=work.source.unit,
    )
    check_audience(created)
    if created.state is State.PUBLISHED:
        created = published(created, work.catalogue.clock)
    await make_room(connection, created.publisher.tenant_id, 1)
    await add(connection, [created])
    await _keep(connection, work, created)
    return created


def _renewed(work: Work, known: Dataset, record: Record, content: Content) -> Dataset | None:
    """Return the data set as the record wants it, None if that changes nothing. What was edited by hand stays."""
    forms = with_identifiers(known.dataset_id, content.distributions)
    wanted = merge(known.content, dataclasses.replace(content, distributions=forms), known.edited)
    renewed = dataclasses.replace(known, content=wanted, origin=_origin(work.source, record))
    if known.withdrawn_because is Withdrawal.VANISHED:
        renewed = dataclasses.replace(renewed, state=work.source.state, withdrawn_because=None)
    if renewed == known:
        return None
    check_audience(renewed)
    renewed = dataclasses.replace(renewed, updated_at=work.catalogue.clock())
    return published(renewed, work.catalogue.clock) if renewed.state is State.PUBLISHED else renewed


async def _keep(connection: AsyncConnection, work: Work, changed: Dataset) -> None:
    if changed.state is State.PUBLISHED:
        step = Step(work.source.origin, f"Harvested in run {work.run.run_id}")
        await keep_versions(connection, work.catalogue, [changed], step)


async def _note(connection: AsyncConnection, work: Work, record: Record, present: Dataset | None) -> None:
    row = {
        "tenant_id": work.owner.tenant_id,
        "source_id": work.source.source_id,
        "remote_id": record.remote_id[:_LONGEST_ID],
        "uri": record.first_uri,
        "dataset_id": present.dataset_id if present else None,
        "fingerprint": record.fingerprint,
        "run_id": work.run.run_id,
        "is_gone": False,
        "error": record.error,
    }
    await store_record(connection, row)


def _origin(source: Source, record: Record) -> Origin:
    return Origin(source.origin, _key(record), record.first_uri, record.title)


def _key(record: Record) -> str:
    return hashlib.sha256(record.remote_id.encode()).hexdigest()
