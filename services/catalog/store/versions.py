"""Published versions as rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.version import Version, content_of, document_of
from services.catalog.store.rows import Row
from services.catalog.store.version_tables import dataset_version

_AT_ONCE = 500


async def add_versions(connection: AsyncConnection, versions: Sequence[tuple[Dataset, Version]]) -> None:
    """Keep versions of data sets."""
    rows = [_row(dataset, version) for dataset, version in versions]
    for start in range(0, len(rows), _AT_ONCE):
        await connection.execute(insert(dataset_version), rows[start : start + _AT_ONCE])


async def versions_of(
    connection: AsyncConnection, dataset: Dataset, *, limit: int = 1000, offset: int = 0
) -> tuple[Version, ...]:
    """Return the versions of a data set, the latest first."""
    statement = _of(dataset).order_by(dataset_version.c.number.desc()).limit(limit).offset(offset)
    return tuple(map(_version, (await connection.execute(statement)).mappings()))


async def version_of(connection: AsyncConnection, dataset: Dataset, number: int) -> Version | None:
    """Return one version of a data set, None if there is none."""
    row = (await connection.execute(_of(dataset).where(dataset_version.c.number == number))).mappings().first()
    return _version(row) if row else None


def _of(dataset: Dataset) -> Any:
    own = dataset_version.c.dataset_id == dataset.dataset_id
    return select(dataset_version).where(own, dataset_version.c.tenant_id == dataset.publisher.tenant_id)


def _row(dataset: Dataset, version: Version) -> dict[str, Any]:
    return {
        "tenant_id": dataset.publisher.tenant_id,
        "dataset_id": dataset.dataset_id,
        "number": version.number,
        "published_at": version.published_at,
        "published_by": version.published_by,
        "note": version.note,
        "content": document_of(version.content),
    }


def _version(row: Row) -> Version:
    return Version(row["number"], row["published_at"], row["published_by"], row["note"], content_of(row["content"]))
