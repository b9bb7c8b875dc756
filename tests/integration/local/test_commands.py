"""`hiroba tenant` and `hiroba client` against a real auth."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.cli import main
from services.local.ports import free_port
from tests.support.patience import eventually
from tests.support.serving import served


@pytest.fixture
def auth_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    settings = AuthSettings(database_url=database_url, data_dir=tmp_path)
    with served(create_app(settings)) as url:
        yield url


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"HIROBA_AUTH_URL": url})


def test_a_tenant_is_created_once_then_kept(auth_url: str) -> None:
    assert run(auth_url, "tenant", "create", "kagawa", "--code", "370002").output == (
        "Created kagawa (prefecture, 370002, 香川県)\n"
    )
    assert run(auth_url, "tenant", "create", "kagawa", "--code", "370002").output.startswith("Kept kagawa")


def test_tenants_are_listed_with_their_place_in_the_tree(auth_url: str) -> None:
    run(auth_url, "tenant", "create", "kagawa", "--code", "370002")
    run(auth_url, "tenant", "create", "takamatsu", "--code", "372013", "--parent", "kagawa")
    lines = run(auth_url, "tenant", "list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["name", "code", "kind", "parent", "status", "title"],
        ["kagawa", "370002", "prefecture", "active", "香川県"],
        ["takamatsu", "372013", "municipality", "kagawa", "active", "高松市"],
    ]


def test_a_tenant_is_shown(auth_url: str) -> None:
    run(auth_url, "tenant", "create", "takamatsu", "--code", "372013")
    shown = dict(line.split(maxsplit=1) for line in run(auth_url, "tenant", "show", "takamatsu").output.splitlines())
    assert shown == {
        "name": "takamatsu",
        "kind": "municipality",
        "status": "active",
        "code": "372013",
        "title": "高松市",
        "device_keys": "optional",
    }


def test_a_wrong_code_is_refused_in_one_line(auth_url: str) -> None:
    result = run(auth_url, "tenant", "create", "takamatsu", "--code", "372014")
    assert result.exit_code == 1
    assert result.output.startswith("Error: PUT ")
    assert " 400 " in result.output
    assert result.output.count("\n") == 1


def test_an_auth_that_is_away_is_told_in_one_line() -> None:
    result = run(f"http://127.0.0.1:{free_port()}", "tenant", "list")
    assert result.exit_code == 1
    assert "All connection attempts failed" in result.output
    assert result.output.count("\n") == 1


def test_a_client_is_registered_and_its_secret_shown(auth_url: str) -> None:
    run(auth_url, "tenant", "create", "takamatsu", "--code", "372013")
    made = run(auth_url, "client", "create", "city-map", "--title", "地図", "--grant", "takamatsu:read,write:/parks/#")
    shown = dict(line.split() for line in made.output.splitlines())
    assert shown["client_id"] == "city-map"
    assert len(shown["client_secret"]) > 30
    assert "city-map" in (listed := run(auth_url, "client", "list").output)
    assert "takamatsu:read,write:/parks/#" in listed


def test_a_grant_without_actions_is_refused(auth_url: str) -> None:
    result = run(auth_url, "client", "create", "city-map", "--grant", "takamatsu")
    assert result.exit_code == 2
    assert "TENANT:ACTIONS[:PATH]" in result.output


def test_where_tokens_are_required_the_first_administrator_calls(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = AuthSettings(database_url=database_url, data_dir=tmp_path, auth="required", auth_url=url, auth_port=port)
    with served(create_app(settings), port) as address:
        await_ready(address)
        told = {"HIROBA_AUTH_URL": address, "HIROBA_AUTH": "required", "HIROBA_DATA_DIR": str(tmp_path)}
        done = CliRunner().invoke(main, ["tenant", "create", "sabae"], env=told)
        assert done.output == "Created sabae (other)\n"
        stranger = {**told, "HIROBA_DATA_DIR": str(tmp_path / "elsewhere")}
        refused = CliRunner().invoke(main, ["tenant", "create", "echizen"], env=stranger)
        assert refused.exit_code == 1
        assert " 401 " in refused.output


def await_ready(url: str) -> None:
    """Auth is ready once the first administrator's file is written."""
    eventually(lambda: httpx.get(f"{url}/health/ready").status_code == 200)
