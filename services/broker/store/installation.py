"""What tells this installation from others: its database, which all its processes share."""

from hashlib import blake2b

import asyncpg

from services.kernel.postgres import session

_DATABASE = """
select (select system_identifier from pg_control_system())::text || '/' || oid
from pg_database where datname = current_database()
"""


async def installation_alias(pool: asyncpg.Pool) -> str:
    """Return a name that no other installation has, always the same for this one."""
    async with session(pool) as connection:
        database = await connection.fetchval(_DATABASE)
    return f"hiroba-{blake2b(str(database).encode(), digest_size=6).hexdigest()}"
