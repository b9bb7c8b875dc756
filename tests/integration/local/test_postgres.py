"""The embedded PostgreSQL: what was committed stays, whatever ended the server."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from services.local.postgres import EmbeddedPostgres, EmbeddedPostgresError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    yield server
    server.stop()


def execute(server: EmbeddedPostgres, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(server.url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_data_stay_from_start_to_start(server: EmbeddedPostgres) -> None:
    execute(server, "create table kept as select 1 as value")
    server.stop()
    assert not server.is_running()
    server.start()
    assert execute(server, "select value from kept") == 1


def test_a_killed_server_recovers_what_was_committed(server: EmbeddedPostgres) -> None:
    execute(server, "create table kept as select 1 as value")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.is_running():
        pass
    server.start()
    assert execute(server, "select value from kept") == 1


def test_a_server_that_is_still_ending_is_waited_for(server: EmbeddedPostgres) -> None:
    execute(server, "create table kept as select 1 as value")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)
    second = EmbeddedPostgres(server.directory)
    second.start()
    assert execute(second, "select value from kept") == 1
    second.stop()


def test_an_initialisation_that_was_broken_off_is_begun_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    assert execute(server, "select 1") == 1
    server.stop()
    assert not unfinished.exists()


def test_a_taken_port_is_told_with_the_servers_own_words(server: EmbeddedPostgres, tmp_path: Path) -> None:
    second = EmbeddedPostgres(tmp_path / "second", port=server.port)
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL ends at its start: "):
        second.start()


def test_the_superusers_password_is_private(server: EmbeddedPostgres) -> None:
    assert (server.directory / "superuser").stat().st_mode & 0o777 == 0o600
    assert (server.directory / "data").stat().st_mode & 0o077 == 0
