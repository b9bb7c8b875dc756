"""`hiroba serve` and `hiroba migrate`: one service with the environment of a deployment."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.local.environment import hiroba
from services.local.ports import free_port
from services.local.postgres import EmbeddedPostgres
from tests.support.patience import eventually

pytestmark = pytest.mark.xdist_group("hub")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of its own: roles belong to a whole server."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("serve") / "postgres")
    server.start()
    yield server
    server.stop()


def run_migrate(url: str, directory: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HIROBA_DATABASE_URL": url, "HIROBA_DATA_DIR": str(directory), **more}
    return subprocess.run(hiroba("migrate"), env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of auth, which seals its keys with a secret there."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def role_url(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    passwords = {f"HIROBA_{service}_DATABASE_PASSWORD": "s3cret" for service in ("AUTH", "BROKER", "INGEST", "CATALOG")}
    done = run_migrate(server.url, tmp_path_factory.mktemp("migrate"), **passwords)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "The schemas of auth, broker, ingest, catalog are up to date\n"
    return f"postgresql://hiroba_auth:s3cret@127.0.0.1:{server.port}/postgres"


def serve(arguments: list[str], url: str, port: int, directory: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HIROBA_DATABASE_URL": url, "HIROBA_DATA_DIR": str(directory)}
    environment["HIROBA_AUTH_PORT"] = str(port)
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(hiroba("serve", *arguments), env=environment, stdout=log, stderr=log)


def await_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail("the service is not ready")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_a_service_ends_in_order_on_sigterm(role_url: str, directory: Path) -> None:
    port = free_port()
    process = serve(["auth"], role_url, port, directory)
    await_ready(port, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) in (0, -signal.SIGTERM)
    assert not answers(port)


def test_killed_workers_are_replaced_and_a_killed_parent_leaves_no_port(role_url: str, directory: Path) -> None:
    port = free_port()
    process = serve(["auth", "--workers", "2"], role_url, port, directory)
    await_ready(port, process)
    process.kill()
    process.wait()
    eventually(lambda: not answers(port))


def test_a_service_role_cannot_read_another_service(role_url: str) -> None:
    async def read() -> None:
        connection = await asyncpg.connect(role_url)
        try:
            await connection.fetch("select * from broker.entity")
        finally:
            await connection.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(read())


def test_a_service_role_cannot_change_the_schema(role_url: str) -> None:
    async def create() -> None:
        connection = await asyncpg.connect(role_url)
        try:
            await connection.execute("create table auth.stray (id integer)")
        finally:
            await connection.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(create())


def test_wrong_settings_are_told_in_one_line(tmp_path: Path) -> None:
    environment = {**os.environ, "HIROBA_HOST": "0.0.0.0", "HIROBA_AUTH_TOKEN_LIFE_S": "600"}
    done = subprocess.run(hiroba("serve", "auth"), env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: HIROBA_HOST=0.0.0.0 is reachable from outside while HIROBA_AUTH=open: "
        "set HIROBA_AUTH=required, or listen on 127.0.0.1\n"
    )


def test_ingest_does_not_run_as_several_workers() -> None:
    done = subprocess.run(hiroba("serve", "ingest", "--workers", "2"), capture_output=True, text=True)
    assert done.returncode == 1
    assert "ingest runs as one process" in done.stderr


def test_migrating_without_a_database_is_told(tmp_path: Path) -> None:
    done = run_migrate("", tmp_path)
    assert done.returncode == 1
    assert done.stderr == "Error: HIROBA_DATABASE_URL must name the database, as its owner\n"


def test_migrating_an_unreachable_database_is_told_in_one_line(tmp_path: Path) -> None:
    done = run_migrate(f"postgresql://owner:p@127.0.0.1:{free_port()}/hiroba", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database cannot be reached: ")
    assert done.stderr.count("\n") == 1


def test_migrating_as_a_role_that_may_not_is_told_in_one_line(role_url: str, tmp_path: Path) -> None:
    done = run_migrate(role_url, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: HIROBA_DATABASE_URL must name a role that may create schemas and roles: ")
    assert done.stderr.count("\n") == 1
