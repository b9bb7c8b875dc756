"""The containers' files, as far as they can be held to rules without an engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.local.environment import SERVICES
from services.local.settings_table import known_variables
from tests.architecture.tree import ROOT
from tests.support.compose import FILE, dockerfile, environment, example_names, filled_example, read_compose, variables

PORTS = {"auth": [8082], "broker": [1026], "catalog": [8081], "ingest": [4041, 7896]}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = read_compose()["services"]
    return found


def test_the_file_follows_the_schema_of_compose() -> None:
    checker = str(Path(sys.executable).parent / "check-jsonschema")
    command = [checker, "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_part_is_a_container_of_its_own(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "mosquitto", "migrate", *SERVICES}


def test_every_setting_that_the_file_gives_exists() -> None:
    given = {name for each in read_compose()["services"].values() for name in each.get("environment", {})}
    assert {name for name in given if name.startswith("HIROBA_")} <= known_variables()


def test_the_example_asks_for_exactly_what_the_file_uses() -> None:
    assert variables(FILE.read_text(encoding="utf-8")) == set(example_names())


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    text = FILE.read_text(encoding="utf-8")
    defaults = re.findall(r"\$\{(\w+):-", text)
    assert set(defaults) == {"PUBLISH"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_asks_for_tokens_and_has_its_own_role(service: str) -> None:
    told = environment(service, filled_example())
    assert told["HIROBA_AUTH"] == "required"
    assert told["HIROBA_TENANT_CREATION"] == "explicit"
    assert told["HIROBA_DATABASE_URL"].startswith(f"postgresql://hiroba_{service}:")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_confined(service: str, services: dict[str, Any]) -> None:
    container = services[service]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "USER 10001:10001" in dockerfile()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_when_it_is_ready(service: str, services: dict[str, Any]) -> None:
    container = services[service]
    assert f"http://127.0.0.1:{PORTS[service][0]}/health/ready" in container["healthcheck"]["test"][-1]
    assert container["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    published = [int(port.rpartition(":")[2]) for port in container["ports"]]
    assert published == PORTS[service]


def test_ports_are_published_on_loopback_unless_told_otherwise(services: dict[str, Any]) -> None:
    ports = [port for container in services.values() for port in container.get("ports", [])]
    assert all(port.startswith("${PUBLISH:-127.0.0.1}:") for port in ports)
    assert "ports" not in services["postgres"]


def test_postgresql_keeps_its_data_where_version_18_does(services: dict[str, Any]) -> None:
    assert services["postgres"]["image"] == "postgres:18"
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_every_volume_and_mounted_file_exists(services: dict[str, Any]) -> None:
    named = set(read_compose()["volumes"])
    for container in services.values():
        for volume in container.get("volumes", []):
            source = volume.partition(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in named


def test_the_image_is_made_of_files_that_exist() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(), re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert "services" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_mosquitto_does_not_lose_what_it_would_by_default() -> None:
    lines = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8").splitlines()
    wanted = {"allow_anonymous false", "max_queued_messages 0", "max_inflight_messages 2000", "persistence true"}
    assert wanted <= set(lines)
