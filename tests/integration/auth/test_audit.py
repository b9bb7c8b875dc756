"""What is done and refused at auth is recorded, cannot be changed, and is verified from outside."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from services.cli import main
from services.kernel.audit.chain import faults, record_of
from tests.integration.auth.conftest import Guarded
from tests.support.auth import ask_token, grant


async def _records(guarded: Guarded) -> list[dict[str, object]]:
    answer = await guarded.client.get("/audit/export")
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_acts_sign_ins_and_refusals_are_recorded_and_reading_is_not(guarded: Guarded) -> None:
    await guarded.client.put("/tenants/takamatsu", json={})
    login = await guarded.registered(grant("takamatsu", "read"))
    own = await guarded.headers(login)
    await guarded.client.patch("/tenants/takamatsu", json={"title": "x"}, headers=own)
    await guarded.client.get("/users", headers=own)
    await guarded.client.get("/tenants")
    await ask_token(guarded.client, type(login)(login.client_id, "wrong"))
    shown = [(each["actor"], each["action"], each["status"], each["tenant"]) for each in await _records(guarded)]
    admin = guarded.admin.client_id
    for expected in (
        (admin, "POST /oauth/token", 200, None),
        (admin, "PUT /tenants/{name}", 201, "takamatsu"),
        (admin, "POST /clients", 201, None),
        (login.client_id, "PATCH /tenants/{name}", 403, "takamatsu"),
        (login.client_id, "GET /users", 403, None),
        (login.client_id, "POST /oauth/token", 401, None),
    ):
        assert expected in shown, expected
    assert not [each for each in shown if each[1] == "GET /tenants"]


async def test_acts_at_once_stand_in_one_chain(guarded: Guarded) -> None:
    await asyncio.gather(*(guarded.client.put(f"/tenants/t{number}", json={}) for number in range(30)))
    records = [record_of(each) for each in await _records(guarded)]
    assert faults(records) == []
    assert len({record.segment for record in records}) == 1
    assert [record.number for record in records] == list(range(1, len(records) + 1))


async def test_the_log_is_searched_by_who_oversees_the_tenant(guarded: Guarded) -> None:
    for name in ("takamatsu", "marugame"):
        await guarded.client.put(f"/tenants/{name}", json={})
        await guarded.client.patch(f"/tenants/{name}", json={"title": name})
    own = await guarded.headers_for(grant("takamatsu", "oversee"))
    answer = await guarded.client.get("/audit", params={"tenant": "takamatsu", "status": 200}, headers=own)
    assert [each["action"] for each in answer.json()] == ["PATCH /tenants/{name}"]
    for query in ({"tenant": "marugame"}, {}):
        assert (await guarded.client.get("/audit", params=query, headers=own)).status_code == 403
    assert (await guarded.client.get("/audit/export", headers=own)).status_code == 403
    late = {"since": "2999-01-01T00:00:00Z"}
    assert (await guarded.client.get("/audit", params=late)).json() == []


@pytest.mark.parametrize(
    "statement", ["update audit_record set actor = 'x'", "delete from audit_record", "truncate audit_record"]
)
async def test_the_database_refuses_to_change_records(guarded: Guarded, database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "auth"})
    try:
        with pytest.raises(asyncpg.RaiseError, match="neither changed nor deleted"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_command_verifies_by_itself_and_finds_what_was_touched(guarded: Guarded, tmp_path: Path) -> None:
    for number in range(3):
        await guarded.client.put(f"/tenants/t{number}", json={})
    lines = (await guarded.client.get("/audit/export")).text.splitlines()
    file = tmp_path / "audit.ndjson"
    file.write_text("\n".join(lines))
    right = await asyncio.to_thread(CliRunner().invoke, main, ["audit", "verify", str(file)])
    assert (right.exit_code, "none touched" in right.output) == (0, True)
    file.write_text("\n".join([*lines[:2], lines[2].replace("administrator", "nobody"), *lines[3:]]))
    wrong = await asyncio.to_thread(CliRunner().invoke, main, ["audit", "verify", str(file)])
    assert (wrong.exit_code, "it was changed" in wrong.output) == (1, True)
