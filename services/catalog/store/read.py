"""Reading the data sets that a search has found: one statement that is ready, without building any."""

import uuid
from collections.abc import Sequence
from typing import Final

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.mention import in_question, told
from services.catalog.store.appearance_tables import APPEARANCE
from services.catalog.store.conditions import visible
from services.catalog.store.find import SEARCH_ONLY
from services.catalog.store.rows import Row, dataset_of, publisher_of
from services.catalog.store.tables import dataset, distribution
from services.kernel.postgres import Connection
from services.kernel.sql import literal

_COLUMNS: Final = ", ".join(f"dataset.{column.name}" for column in dataset.c if column.name not in SEARCH_ONLY)
_FORM: Final = ", ".join(column.name for column in distribution.c if column.name not in {"tenant_id", "dataset_id"})
_FOUND: Final = f"""
select {_COLUMNS}, tenant.name as tenant_name, tenant.details as tenant_details,
{APPEARANCE} as tenant_appearance, (
    select json_agg(form order by position)
    from (select {_FORM} from distribution where distribution.dataset_id = dataset.dataset_id) as form
) as forms
from dataset join tenant on tenant.tenant_id = dataset.tenant_id where dataset.dataset_id = any((select $1::uuid[])::uuid[])
"""  # noqa: E501, S608
"""As a subquery the list does not tell PostgreSQL its length, so that a plan for all lists costs no more than others.

It is kept then, where otherwise short lists had theirs made anew each time, which takes longer than to read.
"""
_NAMED: Final = literal("select dataset.name from dataset join tenant on tenant.tenant_id = dataset.tenant_id where ")


async def read_found(connection: Connection, identifiers: Sequence[uuid.UUID]) -> tuple[Dataset, ...]:
    """Return the data sets of identifiers that the caller is known to see, in their order."""
    if not identifiers:
        return ()
    rows = await connection.fetch(_FOUND, identifiers)
    found = {row["dataset_id"]: _dataset_of(row) for row in rows}
    return tuple(found[each] for each in identifiers if each in found)


async def tell(connection: Connection, audience: Audience, datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Return data sets without the names of others that the caller does not see."""
    wanted = in_question(audience, datasets)
    if not wanted:
        return tuple(datasets)
    statement = _NAMED + visible(audience.with_hidden()) + literal(" and dataset.name = any($1::text[])", list(wanted))
    names = {row["name"] for row in await connection.fetch(statement.text, *statement.parameters)}
    return told(audience, datasets, names)


def _dataset_of(row: Row) -> Dataset:
    forms = [{**form, "distribution_id": uuid.UUID(form["distribution_id"])} for form in row["forms"] or ()]
    return dataset_of(row, publisher_of(row), forms)
