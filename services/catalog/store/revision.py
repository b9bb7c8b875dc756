"""Whether anything in the catalogue was written since."""

from typing import Final

from services.kernel.postgres import Connection

_WRITTEN: Final = """
select sum(
    pg_stat_get_tuples_inserted(each) + pg_stat_get_tuples_updated(each) + pg_stat_get_tuples_deleted(each)
)::bigint
from unnest(array['dataset'::regclass, 'tenant'::regclass]) as each
"""


async def revision(connection: Connection) -> int:
    """Return how many rows of data sets and tenants were ever written; what is new may be counted ten seconds later.

    PostgreSQL counts it by itself (its cumulative statistics), so that writers need not wait for one another.
    """
    return int(await connection.fetchval(_WRITTEN))
