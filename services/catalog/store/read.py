"""Reading the data sets that a search has found: two statements that are ready, without building any."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from services.catalog.domain.dataset import Dataset
from services.catalog.store.find import SEARCH_ONLY
from services.catalog.store.rows import Row, dataset_of, publisher_of
from services.catalog.store.tables import dataset, distribution
from services.kernel.postgres import Connection

_COLUMNS: Final = ", ".join(f"dataset.{column.name}" for column in dataset.c if column.name not in SEARCH_ONLY)
_DATASETS: Final = (
    f"select {_COLUMNS}, tenant.name as tenant_name, tenant.details as tenant_details"  # noqa: S608
    " from dataset join tenant on tenant.tenant_id = dataset.tenant_id where dataset.dataset_id = any($1::uuid[])"
)
_DISTRIBUTIONS: Final = (
    f"select {', '.join(column.name for column in distribution.c)} from distribution"  # noqa: S608
    " where dataset_id = any($1::uuid[]) order by dataset_id, position"
)


async def read_found(connection: Connection, identifiers: Sequence[uuid.UUID]) -> tuple[Dataset, ...]:
    """Return the data sets of identifiers that the caller is known to see, in their order."""
    if not identifiers:
        return ()
    rows = await connection.fetch(_DATASETS, identifiers)
    forms: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for each in await connection.fetch(_DISTRIBUTIONS, identifiers):
        forms[each["dataset_id"]].append(each)
    found = {row["dataset_id"]: dataset_of(row, publisher_of(row), forms[row["dataset_id"]]) for row in rows}
    return tuple(found[each] for each in identifiers if each in found)
