"""A service's trail is chained, survives the process, and reaches auth once, where it is verified and searched."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from services.kernel.audit import Deed, Journal, Trail, origin
from services.kernel.audit.chain import Act, chained, faults, record_of
from services.kernel.credentials import ServiceCredentials
from tests.integration.auth.conftest import Guarded
from tests.support.auth import Login

NOBODY = ServiceCredentials("http://auth.test", "", "")
SEGMENT = "20260401T000000-broker-0123456789ab"
PATH = f"/audit/segments/broker/{SEGMENT}"


class Clock:
    """A clock that stands until it is moved."""

    now = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _journal(pool: asyncpg.Pool, clock: Clock) -> tuple[Trail, Journal]:
    trail = Trail(clock)
    return trail, Journal("broker", pool, trail, clock)


async def _records(hub: httpx.AsyncClient) -> list[dict[str, Any]]:
    lines = (await hub.get("/audit/export")).text.splitlines()
    return [each for each in map(json.loads, lines) if "-broker-" in each["segment"]]


async def test_what_replicas_record_reaches_auth_in_chains_that_verify(
    pool: asyncpg.Pool, hub: httpx.AsyncClient
) -> None:
    clock = Clock()
    replicas = [_journal(pool, clock) for _ in range(2)]
    for round_number in range(3):
        for number, (trail, journal) in enumerate(replicas):
            trail.note(Deed("app", "DELETE /x", f"/x/{round_number}", 403, f"t{number}"))
            await journal.keep()
    for _ in range(2):
        await replicas[0][1].hand_over(hub, NOBODY)
    found = await _records(hub)
    assert len(found) == 6
    assert len({each["segment"] for each in found}) == 2
    assert faults(record_of(each) for each in found) == []
    async with pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from audit_pending") == 0
    searched = (await hub.get("/audit", params={"tenant": "t1", "status": 403})).json()
    assert [each["tenant"] for each in searched] == ["t1"] * 3
    exported = (await hub.get("/audit/export", params={"tenant": "t0"})).text.splitlines()
    assert {json.loads(line)["tenant"] for line in exported} == {"t0"}


async def test_access_is_recorded_by_the_hour_once_by_whichever_process(
    pool: asyncpg.Pool, hub: httpx.AsyncClient
) -> None:
    clock = Clock()
    replicas = [_journal(pool, clock) for _ in range(2)]
    token = origin.set(("takamatsu", "app"))
    for trail, journal in replicas:
        trail.note_access("read", ["T", "T"])
        await journal.keep()
    origin.reset(token)
    for _, journal in replicas:
        await journal.close_hours()
    await replicas[0][1].hand_over(hub, NOBODY)
    assert await _records(hub) == []
    clock.now += timedelta(hours=1)
    for _, journal in replicas:
        await journal.close_hours()
        await journal.hand_over(hub, NOBODY)
    (record,) = await _records(hub)
    shown = {name: record[name] for name in ("at", "actor", "action", "target", "count", "tenant")}
    assert shown == {
        "at": "2026-04-01T09:00:00Z",
        "actor": "app",
        "action": "read entities",
        "target": "T",
        "count": 4,
        "tenant": "takamatsu",
    }


async def test_auth_takes_only_what_follows_and_takes_it_once(hub: httpx.AsyncClient) -> None:
    records = []
    last = ""
    for number in (1, 2, 3):
        record = chained(SEGMENT, number, Act("2026-04-01T00:00:00Z", "a", "GET /", "/", 403, "t"), last)
        records.append(record.document)
        last = record.hash
    assert (await hub.put(PATH, json={"records": records[1:]})).status_code == 409
    assert (await hub.put(PATH, json={"records": [{**records[0], "actor": "b"}]})).status_code == 409
    for part in (records[:2], records, records[:1]):
        assert (await hub.put(PATH, json={"records": part})).status_code == 200
    forged = {**records[2], "number": 4}
    assert (await hub.put(PATH, json={"records": [forged]})).status_code == 409
    assert [each["number"] for each in await _records(hub)] == [1, 2, 3]


@pytest.mark.parametrize("record", [{}, {"segment": SEGMENT}, {"number": "x"}])
async def test_what_is_no_record_is_refused(hub: httpx.AsyncClient, record: dict[str, Any]) -> None:
    answer = await hub.put(PATH, json={"records": [record]})
    assert (answer.status_code, answer.json()["field"]) == (400, "records.0")


async def test_only_the_service_itself_hands_over_and_handing_over_is_no_act(guarded: Guarded) -> None:
    kept = json.loads((guarded.settings.data_dir / "service-broker.json").read_text())
    own = await guarded.headers(Login(kept["client_id"], kept["client_secret"]))
    record = chained(SEGMENT, 1, Act("2026-04-01T00:00:00Z", "a", "GET /", "/", 403, "t"), "")
    body = {"records": [record.document]}
    assert (await guarded.client.put(PATH, json=body)).status_code == 403
    assert (await guarded.client.put(PATH.replace("/broker/", "/ingest/"), json=body, headers=own)).status_code == 404
    assert (await guarded.client.put(PATH, json=body, headers=own)).status_code == 200
    lines = (await guarded.client.get("/audit/export")).text.splitlines()
    acts = [(each["action"], each["status"]) for each in map(json.loads, lines) if "segments" in each["action"]]
    assert [status for _, status in acts] == [403]
