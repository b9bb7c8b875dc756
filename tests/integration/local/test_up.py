"""`hiroba up` as a user has it: start, kill, restart, end. Real processes on free ports."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from services.local.child import Child
from services.local.environment import SERVICES, hiroba
from services.local.memory import measure, total
from services.local.mqtt import choose_broker
from services.local.ports import free_port
from services.local.postgres import EmbeddedPostgres
from tests.support.installation import Installation, imports_s
from tests.support.patience import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]


def is_ready(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/health/ready").status_code == 200
    return False


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all tests of this module; each may end the hub, the next starts it again."""
    installation = Installation(tmp_path_factory.mktemp("up") / "data")
    yield installation
    if installation.process and installation.process.poll() is None:
        installation.end()


@pytest.fixture
def running(shared: Installation) -> Installation:
    if shared.process is None or shared.process.poll() is not None:
        shared.up("--no-demo")
    return shared


def test_every_service_is_ready_and_shown(running: Installation) -> None:
    for service in SERVICES:
        assert is_ready(running.url(service))
        assert f"{running.url(service)}/docs" in running.screen
    assert "HIROBA_AUTH=open" in running.screen


def test_a_service_that_is_killed_comes_back_with_a_line_on_the_screen(running: Installation) -> None:
    running.service_process("catalog").kill()
    eventually(lambda: "catalog ended with signal 9; it starts again in 0.5 s" in running.screen)
    eventually(lambda: is_ready(running.url("catalog")))


def test_postgresql_that_is_killed_comes_back(running: Installation) -> None:
    postmaster = next(
        each for each in running.family() if each.name() == "postgres" and each.ppid() == running_pid(running)
    )
    postmaster.kill()
    eventually(lambda: "PostgreSQL ended; it starts again" in running.screen)
    eventually(lambda: all(is_ready(running.url(service)) for service in SERVICES))


def running_pid(installation: Installation) -> int:
    assert installation.process is not None
    return installation.process.pid


def test_the_idle_hub_takes_less_than_700_megabytes(running: Installation) -> None:
    sizes = measure(running.directory)
    assert all(sizes[part] > 0 for part in (*SERVICES, "postgres", "mqtt"))
    assert total(sizes) < 700, sizes


def test_a_second_hub_on_the_same_ports_says_so_in_one_line(running: Installation, tmp_path: Path) -> None:
    environment = running.environment(HIROBA_DATA_DIR=str(tmp_path / "other"))
    done = subprocess.run(hiroba("up", "--no-demo"), env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    port = running.ports["BROKER"]
    assert (
        done.stdout
        == f"Hiroba cannot start: Port {port} is taken: stop what listens there, or set HIROBA_BROKER_PORT\n"
    )
    assert done.stderr == ""


def test_a_second_hub_on_the_same_directory_says_so_in_one_line(running: Installation) -> None:
    other = Installation(running.directory)
    done = subprocess.run(hiroba("up", "--no-demo"), env=other.environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == f"Hiroba cannot start: Another `hiroba up` uses the data directory {running.directory}\n"


def test_an_unreachable_database_says_so_in_one_line(tmp_path: Path) -> None:
    url = f"postgresql://owner:secret@127.0.0.1:{free_port()}/hiroba"
    environment = Installation(tmp_path / "data").environment(HIROBA_DATABASE_URL=url)
    done = subprocess.run(hiroba("up"), env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.startswith("Hiroba cannot start: The database postgresql://127.0.0.1:")
    assert done.stdout.count("\n") == 1
    assert "secret" not in done.stdout + done.stderr


def test_a_given_database_and_mqtt_broker_are_used(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "elsewhere")
    server.start()
    port = free_port()
    mqtt = Child(choose_broker(port, tmp_path).command)
    mqtt.start()
    installation = Installation(tmp_path / "data")
    try:
        eventually(lambda: not is_free(port))
        installation.up("--no-demo", "--database-url", server.url, "--mqtt-url", f"mqtt://127.0.0.1:{port}")
        names = {process.name() for process in installation.family()}
        assert not names & {"postgres", "mosquitto"}
        assert not (installation.directory / "postgres").exists()
        assert is_free(installation.ports["MQTT"])
    finally:
        installation.end()
        mqtt.terminate()
        mqtt.wait()
        server.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_and_frees_the_ports(running: Installation, number: int) -> None:
    family = running.family()
    assert len(family) > len(SERVICES)
    assert running.end(number) == 0
    assert [process for process in family if not is_gone(process)] == []
    assert [port for port in running.ports.values() if not is_free(port)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killing_the_supervisor_takes_everything_with_it(running: Installation) -> None:
    family = running.family()
    running.end(signal.SIGKILL)
    eventually(lambda: all(is_gone(process) for process in family))
    eventually(lambda: all(is_free(port) for port in running.ports.values()))


def test_data_stay_and_the_hub_is_ready_again_within_five_seconds(running: Installation) -> None:
    entities = f"{running.url('broker')}/ngsi-ld/v1/entities"
    headers = {"NGSILD-Tenant": "sabae"}
    httpx.post(entities, json={"id": "urn:ngsi-ld:Bridge:1", "type": "Bridge"}, headers=headers)
    running.end()
    seconds = running.up("--no-demo")
    # A slow or busy machine takes longer: there the start is held to what importing our libraries takes.
    assert seconds < 5 or running.processor_s() < 20 * imports_s()
    assert httpx.get(f"{entities}/urn:ngsi-ld:Bridge:1", headers=headers).status_code == 200


def test_a_hub_that_asks_for_tokens_lets_its_services_work_together(shared: Installation) -> None:
    if shared.process and shared.process.poll() is None:
        shared.end()
    shared.up("--no-demo", HIROBA_AUTH="required")
    assert "HIROBA_AUTH=open" not in shared.screen
    assert httpx.get(f"{shared.url('auth')}/tenants").status_code == 401
    required = {"HIROBA_AUTH": "required"}
    assert "Created echizen" in shared.run("tenant", "create", "echizen", **required)
    assert "1,987 entities from 11 files" in shared.run("demo", "load", **required)
    shared.end()
