"""Real PostgreSQL for tests: one embedded server a run, one migrated template, one clone a test."""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from services.kernel.migrations import SERVICES, grant_role, migrate
from services.local.postgres import EmbeddedPostgres

TEMPLATE = "hiroba_template"
_AUTH = "auth_of_tests"
"""A member of the role hiroba_auth, whose own password some tests set."""
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
    "scram_iterations": "1",  # a connection else takes its client 4,096 rounds
    "max_connections": "300",
}
_NAME = "hiroba-test-"
_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server in a temporary directory, in memory if there is room, or use the one in HIROBA_TEST_DATABASE_URL.

    A database is a thousand files: to clone it in memory takes a fifth of what it takes on a disk.
    """
    given = os.environ.get("HIROBA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    _sweep()
    memory = _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None
    with tempfile.TemporaryDirectory(prefix=_NAME, dir=memory) as directory, Path(directory, "new").open("w") as used:
        fcntl.flock(used, fcntl.LOCK_EX)
        Path(directory, "new").rename(Path(directory, "used"))
        Path(directory).chmod(0o711)
        server = EmbeddedPostgres(Path(directory) / "postgres", options=_FAST)
        server.start()
        try:
            asyncio.run(_execute(server.url, f"alter role postgres password '{urlsplit(server.url).password}'"))
            yield server.url
        finally:
            server.stop()


def _sweep() -> None:
    """Give back the memory of runs that were killed: nobody holds the lock of their directory."""
    for used in _MEMORY.glob(f"{_NAME}*/used"):
        with contextlib.suppress(OSError), used.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(used.parent, ignore_errors=True)


def with_database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    head, _, _ = url.rpartition("/")
    return f"{head}/{name}"


async def prepare_template(server_url: str) -> None:
    """Create and migrate the template database."""
    await _execute(server_url, f"create database {TEMPLATE}")
    template = with_database(server_url, TEMPLATE)
    for service in SERVICES:
        await migrate(template, service)
    await grant_role(template, "auth", secrets.token_hex(16))
    await _execute(server_url, f"drop role if exists {_AUTH}")  # a server that is given may have it of another run
    await _execute(server_url, f"create role {_AUTH} login password '{_AUTH}' in role hiroba_auth")


async def clone(server_url: str) -> str:
    """Create a database from the template and return its URL."""
    name = f"t_{uuid.uuid4().hex}"
    # Copied as files, not through the log: two fifths of the processor time, and the first connection finds caches.
    await _execute(server_url, f"create database {name} template {TEMPLATE} strategy file_copy")
    return with_database(server_url, name)


def as_auth(database_url: str) -> str:
    """Return the URL by which auth reaches a cloned database as in production: without rights beyond its role's."""
    scheme, _, rest = database_url.partition("://")
    return f"{scheme}://{_AUTH}:{_AUTH}@{rest.rpartition('@')[2]}"


async def drop(server_url: str, database_url: str) -> None:
    """Drop a cloned database, whoever is still connected."""
    await _execute(server_url, f"drop database if exists {database_url.rpartition('/')[2]} with (force)")


_KEPT = ("alembic_version", "installation")
_TABLES = """
select string_agg(format('delete from broker.%I', relname), '; ') from pg_class
where relnamespace = 'broker'::regnamespace and relkind in ('r', 'p') and not relispartition
    and not relname = any ($1::name[])
"""


async def empty_broker(database_url: str) -> None:
    """Delete all that a test left in the context broker's tables, which costs less than a database for each test."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("set session_replication_role = replica")  # in any order, whatever refers to what
        await connection.execute(await connection.fetchval(_TABLES, _KEPT))
    finally:
        await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def shared_server(directory: Path, worker: str) -> Iterator[str]:
    """Share one server between the workers of a parallel run: the first starts it, the last stops it."""
    state = directory / "postgres.json"
    with (directory / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if state.exists():
            yield_url = json.loads(state.read_text())["url"]
            owner = None
        else:
            owner = running_server()
            yield_url = owner.__enter__()
            asyncio.run(prepare_template(yield_url))
            state.write_text(json.dumps({"url": yield_url}))
        (directory / f"uses-{worker}").touch()
        fcntl.flock(lock, fcntl.LOCK_UN)
    try:
        yield yield_url
    finally:
        (directory / f"uses-{worker}").unlink()
        if owner is not None:
            _wait_for_others(directory)
            owner.__exit__(None, None, None)


def _wait_for_others(directory: Path) -> None:
    deadline = time.monotonic() + 600
    while any(directory.glob("uses-*")) and time.monotonic() < deadline:
        time.sleep(0.1)
