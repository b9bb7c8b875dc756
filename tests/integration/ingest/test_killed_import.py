"""`kill -9` of ingest in the middle of an import: another process goes on, and each row is accounted for once."""

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

import asyncpg
import httpx

from services.local.ports import free_port
from tests.support.ingest import ingest_process, running_ingest
from tests.support.patience import until

TENANT = {"Fiware-Service": "yaizu"}
ROWS, NAMELESS = 6000, 60
NO_MQTT = "mqtt://127.0.0.1:9"


def _places() -> bytes:
    """Return rows of AEDs; every hundredth has no name, and is refused."""
    names = ("" if row % 100 == 0 else f"公民館{row}" for row in range(1, ROWS + 1))
    lines = [f"{row},{name},1階,有,34.8,138.3" for row, name in enumerate(names, 1)]
    return "\n".join(["ID,名称,設置位置,小児対応設備の有無,緯度,経度", *lines]).encode()


async def _begin(address: str) -> int:
    """Send the file as soon as ingest answers; return the number of the run."""
    parameters = {"name": "aed.csv", "wait_s": "0"}
    async with httpx.AsyncClient(base_url=address) as client:

        async def is_up() -> bool:
            try:
                return (await client.get("/health/ready")).status_code in (200, 503)
            except httpx.HTTPError:
                return False

        await until(is_up)
        answer = await client.post("/imports", params=parameters, content=_places(), headers=TENANT)
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


async def test_a_killed_import_goes_on_and_accounts_for_each_row_once(
    database_url: str, broker: httpx.AsyncClient
) -> None:
    database = await asyncpg.connect(database_url)
    broker_url, port = str(broker.base_url), free_port()

    async def written() -> int:
        return int(await database.fetchval("select count(*) from broker.entity"))

    async def is_under_way() -> bool:
        return await written() > 1000

    with ingest_process(database_url, broker_url, NO_MQTT, port) as first:
        run = await _begin(f"http://127.0.0.1:{port}")
        await until(is_under_way)
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.wait, 10)
    assert await written() < ROWS - NAMELESS
    await database.execute("update ingest.import_job set leased_until = now()")  # as half a minute later
    async with running_ingest(database_url, broker_url=broker_url) as second:

        async def found() -> Mapping[str, Any]:
            return dict((await second.client.get(f"/imports/{run}", headers=TENANT)).json())

        async def is_finished() -> bool:
            return bool((await found())["status"] == "finished")

        await until(is_finished)
        report = (await found())["report"]
    assert (report["rows"], report["accepted"]) == (ROWS, ROWS - NAMELESS)
    assert [(each["reason"], each["count"]) for each in report["refused"]] == [("no-name", NAMELESS)]
    names = "select count(*), count(distinct uri) from broker.history where attribute like '%/name'"
    assert tuple(await database.fetchrow(names)) == (ROWS - NAMELESS, ROWS - NAMELESS)
    await database.close()
