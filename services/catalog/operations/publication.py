"""Publishing: the way from one state to the next, and the versions that are kept."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.data_class import LABELS, DataClass
from services.catalog.domain.dataset import Access, Dataset, Kind, State, Withdrawal
from services.catalog.domain.version import Version
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.versions import add_versions
from services.kernel.clock import Clock
from services.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, why in words, and whether somebody else must have asked for the review."""

    by: str
    note: str = ""
    wants_second: bool = False


def moved(known: Dataset, state: State, step: Step) -> Dataset:
    """Return a data set in another state. Raises Conflict where the step is not possible."""
    if state is State.PUBLISHED:
        _check_publication(known, step)
    because = Withdrawal.BY_PUBLISHER if state is State.WITHDRAWN else None
    submitted = step.by if state is State.REVIEW else known.submitted_by
    return dataclasses.replace(known, state=state, withdrawn_because=because, submitted_by=submitted)


def _check_publication(known: Dataset, step: Step) -> None:
    if known.kind is Kind.LIVE and known.withdrawn_because is Withdrawal.VANISHED:
        raise Conflict(f"Data set {known.name} has no entities: it is published when the type is there again")
    if not step.wants_second or known.state is State.PUBLISHED:
        return
    if known.state is not State.REVIEW:
        raise Conflict(f"Data set {known.name} must be in review before it is published", field="state")
    if known.submitted_by == step.by:
        raise Conflict(f"Data set {known.name} must be published by another than who sent it to review", field="state")


def check_audience(dataset: Dataset) -> None:
    """Refuse to show data about persons to everybody (個人情報保護法, article 69). Raises Conflict."""
    data_class = DataClass(dataset.content.data_class)
    is_public = dataset.state is State.PUBLISHED and dataset.access is Access.PUBLIC
    if is_public and not data_class.may_be_public:
        label = LABELS[data_class][1]
        raise Conflict(f"Data set {dataset.name} holds {label}: it may be restricted, not public", field="access")


def published(dataset: Dataset, clock: Clock) -> Dataset:
    """Return a data set as its next published version."""
    return dataclasses.replace(dataset, version=dataset.version + 1, published_at=clock())


async def keep_versions(
    connection: AsyncConnection, catalogue: Catalogue, datasets: Iterable[Dataset], step: Step
) -> None:
    """Keep what data sets say that were just published."""
    now = catalogue.clock()
    versions = [
        (each, Version(each.version, each.published_at or now, step.by, step.note, each.content)) for each in datasets
    ]
    await add_versions(connection, versions)
