"""Measures that are stored are counted under the device's tenant; what is refused is not."""

import asyncpg

from tests.support.ingest import IngestBench
from tests.support.patience import until


async def test_stored_measures_are_counted_and_refused_ones_are_not(bench: IngestBench, database_url: str) -> None:
    await bench.provision(1)
    for body in ({"level": 1}, [{"level": 2}, {"level": 3}]):
        assert (await bench.send("gauge-1", body)).status_code == 200
    assert (await bench.send("gauge-1", {"level": 1}, apikey="wrong")).status_code == 404
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "ingest"})
    statement = "select tenant, sum(amount)::int from usage_tally where kind = 'http_measures' group by tenant"

    async def are_kept() -> bool:
        rows: list[tuple[str, int]] = [tuple(row) for row in await connection.fetch(statement)]
        return rows == [("fukui", 3)]

    try:
        await until(are_kept)
    finally:
        await connection.close()
