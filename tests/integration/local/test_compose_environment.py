"""The four services as processes with nothing but the compose file's environment, hosts mapped to loopback."""

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.local.child import Child, Command
from services.local.environment import SERVICES, hiroba
from services.local.mqtt import choose_broker
from services.local.ports import free_port
from services.local.postgres import EmbeddedPostgres
from tests.support.compose import environment, filled_example

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

_HOSTS = re.compile(r"\b(postgres|mosquitto|auth|broker|ingest|catalog):(\d+)")
_PORTS = {"postgres": 5432, "mosquitto": 1883, "auth": 8082, "broker": 1026, "ingest": 4041, "catalog": 8081}


@dataclass(frozen=True)
class Deployment:
    """Where the services answer, and where each keeps its files."""

    ports: dict[str, int]
    directory: Path

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = tmp_path_factory.mktemp("compose")
    values = filled_example()
    server = EmbeddedPostgres(directory / "postgres")
    server.start()
    asyncio.run(create_owner(server.url, values["DATABASE_OWNER_PASSWORD"]))
    ports = {service: free_port() for service in _PORTS} | {"postgres": server.port}
    children = [Child(choose_broker(ports["mosquitto"], directory).command)]
    deployed = Deployment(ports, directory)
    try:
        migrate = subprocess.run(
            hiroba("migrate"), env=told("migrate", values, deployed), capture_output=True, text=True
        )
        assert migrate.returncode == 0, migrate.stderr
        children += [start(service, values, deployed) for service in SERVICES]
        for child in children:
            child.start()
        for service, child in zip(SERVICES, children[1:], strict=True):
            await_ready(deployed.url(service), child)
        yield deployed
    finally:
        for child in reversed(children):
            child.terminate()
            child.wait()
        server.stop()


async def create_owner(url: str, password: str) -> None:
    """Do what the image of PostgreSQL does with POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"create role hiroba_owner superuser login password '{password}'")
    await connection.execute("create database hiroba owner hiroba_owner")
    await connection.close()


def told(service: str, values: dict[str, str], deployed: Deployment) -> dict[str, str]:
    """Return the environment of a container's process, with its hosts and ports mapped to this machine."""
    given = environment(service, values) | {"HIROBA_DATA_DIR": str(deployed.directory / service)}
    mapped = {
        name: _HOSTS.sub(lambda host: f"127.0.0.1:{deployed.ports[host[1]]}", text) for name, text in given.items()
    }
    if service in SERVICES:
        mapped |= {"HIROBA_HOST": "127.0.0.1", f"HIROBA_{service.upper()}_PORT": str(deployed.ports[service])}
        mapped["HIROBA_INGEST_HTTP_PORT"] = str(free_port())
    return {"PATH": os.environ["PATH"], **mapped}


def start(service: str, values: dict[str, str], deployed: Deployment) -> Child:
    arguments = ["env", "-i", *(f"{name}={text}" for name, text in told(service, values, deployed).items())]
    log = deployed.directory / f"{service}.log"
    return Child(Command(service, [*arguments, *hiroba("serve", service)], log=log))


def await_ready(url: str, child: Child) -> None:
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        assert child.poll() is None, child.last_words()
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail(f"{child.command.name} is not ready: {child.last_words()}")


@pytest.fixture(scope="module")
def headers(deployment: Deployment) -> dict[str, str]:
    """Return the headers of the first administrator's calls in tenant `sabae`."""
    kept = json.loads((deployment.directory / "auth" / "admin-credentials.json").read_text())
    answer = httpx.post(
        f"{deployment.url('auth')}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(kept["client_id"], kept["client_secret"]),
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    made = httpx.put(f"{deployment.url('auth')}/tenants/sabae", json={"code": "182079"}, headers=headers)
    assert made.status_code == 201, made.text
    return headers | {"Fiware-Service": "sabae"}


def test_a_call_without_a_token_is_refused_by_every_service(deployment: Deployment) -> None:
    calls = {
        "auth": ("GET", "/tenants"),
        "broker": ("GET", "/ngsi-ld/v1/entities?type=Bridge"),
        "ingest": ("GET", "/iot/devices"),
        "catalog": ("POST", "/datasets/import"),
    }
    statuses = {
        service: httpx.request(method, deployment.url(service) + path, content=b"name\n").status_code
        for service, (method, path) in calls.items()
    }
    assert statuses == dict.fromkeys(calls, 401)


def test_an_entity_written_with_a_token_is_read_with_it(deployment: Deployment, headers: dict[str, str]) -> None:
    entities = f"{deployment.url('broker')}/ngsi-ld/v1/entities"
    bridge = {"id": "urn:ngsi-ld:Bridge:1", "type": "Bridge", "name": {"type": "Property", "value": "橋"}}
    created = create_patiently(entities, bridge, headers)
    assert created.status_code == 201, created.text
    assert httpx.get(f"{entities}/urn:ngsi-ld:Bridge:1", headers=headers).json()["name"]["value"] == "橋"


def create_patiently(url: str, body: object, headers: dict[str, str]) -> httpx.Response:
    """Send until the broker knows the tenant, which is new at auth; it follows within a second."""
    deadline = time.monotonic() + 60
    while (answer := httpx.post(url, json=body, headers=headers)).status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


def test_a_tenant_that_nobody_created_is_not_found(deployment: Deployment, headers: dict[str, str]) -> None:
    stray = headers | {"Fiware-Service": "atlantis"}
    entities = f"{deployment.url('broker')}/ngsi-ld/v1/entities"
    assert httpx.post(entities, json={"id": "urn:x:1", "type": "X"}, headers=stray).status_code == 404


def test_the_secrets_that_services_were_given_are_not_in_their_logs(deployment: Deployment) -> None:
    logs = "".join(file.read_text() for file in deployment.directory.glob("*.log"))
    kept = json.loads((deployment.directory / "auth" / "admin-credentials.json").read_text())
    assert "postgresql://" not in logs
    assert kept["client_secret"] not in logs
