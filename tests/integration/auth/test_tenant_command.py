"""`hiroba tenant` against the whole hub: change, suspend, export, delete."""

import asyncio
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from tests.support.hub import Hub, running_hub


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(database_url, tmp_path) as running:
        yield running


async def _run(hub: Hub, *arguments: str) -> Result:
    told = {f"HIROBA_{name.upper()}_URL": url for name, url in hub.urls.items()}
    told |= {"HIROBA_CLIENT_ID": hub.admin.client_id, "HIROBA_CLIENT_SECRET": hub.admin.secret}
    told |= {"HIROBA_AUTH": "required"}
    return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=told)


async def test_a_tenant_is_created_changed_suspended_exported_and_deleted(hub: Hub, tmp_path: Path) -> None:
    await _run(hub, "tenant", "create", "kagawa", "--code", "370002")
    made = await _run(hub, "tenant", "create", "takamatsu", "--code", "372013", "--quota", "entities=1000")
    assert made.output == "Created takamatsu (municipality, 372013, 高松市)\n"
    paid = ("--parent", "kagawa", "--billing-party", "kagawa")
    given = (*paid, "--keep", "history_days=400", "--inherits", "read", "--device-keys", "required")
    assert (await _run(hub, "tenant", "change", "takamatsu", *given)).exit_code == 0
    assert (await _run(hub, "tenant", "suspend", "takamatsu")).output == "Suspended takamatsu\n"
    shown = dict(
        line.split(maxsplit=1) for line in (await _run(hub, "tenant", "show", "takamatsu")).output.splitlines()
    )
    assert shown["status"] == "suspended"
    assert shown["quotas"] == "{'entities': 1000}"
    assert shown["retention"] == "{'history_days': 400}"
    assert (await _run(hub, "tenant", "resume", "takamatsu")).exit_code == 0
    await _run(hub, "tenant", "change", "takamatsu", "--clear", "parent", "--clear", "quotas")
    await asyncio.sleep(1)
    archive = tmp_path / "takamatsu.zip"
    exported = await _run(hub, "tenant", "export", "takamatsu", "--to", str(archive))
    assert exported.exit_code == 0, exported.output
    with zipfile.ZipFile(archive) as opened:
        assert sorted(opened.namelist()) == ["auth.ndjson", "broker.ndjson", "catalog.ndjson", "ingest.ndjson"]
        assert b'"name":"takamatsu"' in opened.read("auth.ndjson")
    deleted = await _run(hub, "tenant", "delete", "takamatsu", "--yes")
    assert deleted.output.splitlines()[-1] == "Deleted takamatsu"
    assert "takamatsu" not in (await _run(hub, "tenant", "list")).output


async def test_a_wrong_figure_is_refused_before_anything_is_sent(hub: Hub) -> None:
    result = await _run(hub, "tenant", "create", "takamatsu", "--quota", "entities=many")
    assert (result.exit_code, "NAME=NUMBER" in result.output) == (2, True)
    assert "takamatsu" not in (await _run(hub, "tenant", "list")).output


async def test_deleting_asks_first(hub: Hub) -> None:
    await _run(hub, "tenant", "create", "takamatsu")
    assert (await _run(hub, "tenant", "delete", "takamatsu")).exit_code == 1
    assert "takamatsu" in (await _run(hub, "tenant", "list")).output
