"""What the statements of entity queries take, in PostgreSQL and in the broker's process, without HTTP.

`python -m bench.query_plan [--entities N] [--rounds N] [--only TEXT] [--plans]` makes entities in a temporary server of its own, or in
the empty database that HIROBA_BENCH_DATABASE_URL names; it deletes them when it is done.
"""  # noqa: E501

import argparse
import asyncio
import os
import statistics
import time
from typing import Final

import asyncpg

from bench.postgres import running_postgres
from services.broker.domain.names import LOCATION
from services.broker.domain.selection import TypeIs
from services.broker.query.entity_query import EntityQuery, EntitySelector, Order
from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.to_sql import branches
from services.broker.query.tree import AttributeTarget, GeoFilter, GeoRelation
from services.broker.store.queries import find
from services.kernel.migrations import migrate
from services.kernel.paging import Page
from services.kernel.postgres import open_pool

TENANT: Final = 1
_SETTINGS: Final = {"shared_buffers": "1GB", "max_wal_size": "4GB", "synchronous_commit": "off"}
_HERE: Final = '{"type":"Point","coordinates":[135.5,35]}'
_REGION: Final = '{"type":"Polygon","coordinates":[[[135,34.5],[136,34.5],[136,35.5],[135,35.5],[135,34.5]]]}'
# Points lie evenly in two degrees by two; one entity in a thousand has two types.
_ENTITIES: Final = """
insert into entity (tenant_id, id, type, uri, types, attrs, area, created_at, modified_at)
select $1, uri, kind, uri, case when n % 1000 = 0 then array[kind, 'x:Thing'] end,
    jsonb_build_object(
        'x:name', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', '施設 ' || n)),
        'x:category', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', 'c' || n % 97)),
        'x:code', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', 'code-' || n)),
        'x:level', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', n * 7919 % 10007,
            'unitCode', 'MTR', 'observedAt', '2026-01-01T00:00:00Z')),
        'x:address', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value',
            jsonb_build_object('addressLocality', '高松市', 'streetAddress', '番町' || n))),
        'x:owner', jsonb_build_array(jsonb_build_object('kind', 'Relationship', 'value', 'urn:x:' || n % 1000)),
        $3::text, jsonb_build_array(jsonb_build_object('kind', 'GeoProperty', 'value', jsonb_build_object(
            'type', 'Point', 'coordinates', jsonb_build_array(x, y))))
    ), box(point(x, y), point(x, y)), now(), now()
from (
    select n, 'urn:x:' || n as uri, case when n % 10 = 3 then 'x:Gauge' else 'x:Facility' end as kind,
        134.5 + n * 48271 % 100003 / 50001.5 as x, 34 + n * 69621 % 100019 / 50009.5 as y
    from generate_series(0, $2::bigint - 1) as n
) as numbered
"""


def _queries() -> dict[str, EntityQuery]:
    def typed(q: str | None = None, name: str = "Facility", **more: object) -> EntityQuery:
        selector = EntitySelector(types=TypeIs(f"x:{name}"))
        return EntityQuery((selector,), filter=parse_q_ld(q, "x:{}".format) if q else None, **more)  # type: ignore[arg-type]

    def near(metres: float) -> tuple[GeoFilter, ...]:
        return (GeoFilter(GeoRelation.NEAR, _HERE, LOCATION, maximum_m=metres),)

    within = (GeoFilter(GeoRelation.WITHIN, _REGION, LOCATION),)
    counted = Page(count=True)
    return {
        "type": typed(),
        "type, deep page": typed(page=Page(offset=50_000)),
        "type, count": typed(page=counted),
        "type and q, one in a hundred": typed('category=="c7"'),
        "type and q, one in a hundred of a tenth": typed('category=="c7"', "Gauge"),
        "type and q, one in all": typed('code=="code-77777"'),
        "q alone, one in a hundred": EntityQuery(filter=parse_q_ld('category=="c7"', "x:{}".format)),
        "several types and q": typed('category=="c7"', "Thing"),
        "type and four conditions": typed('level>=5000;category!="c7";address[addressLocality]=="高松市";name~="9$"'),
        "type and linked entity": typed('owner{category}=="c7"'),
        "near, 1 km": EntityQuery(geo=near(1000)),
        "near, 5 km, count": EntityQuery(geo=near(5000), page=counted),
        "near, 20 km, count": EntityQuery(geo=near(20_000), page=counted),
        "near, 20 km, nearest first": EntityQuery(geo=near(20_000), orders=(Order(None, distance_from=_HERE),)),
        "near, 20 km, type and q": typed("level>5000", geo=near(20_000)),
        "within a quarter": EntityQuery(geo=within),
        "within a quarter, count": EntityQuery(geo=within, page=counted),
        "ordered by a number": typed(name="Gauge", orders=(Order(AttributeTarget("x:level")),)),
    }


async def measure(url: str, entities: int, rounds: int, *, only: str, plans: bool) -> None:
    """Fill the table, run each query some times and print the middle and the worst of its times."""
    await migrate(url, "broker")
    pool = await open_pool(url, schema="broker", size=1)
    async with pool.acquire() as connection:
        await connection.execute("set plan_cache_mode = force_custom_plan")
        await connection.execute(_ENTITIES, TENANT, entities, LOCATION, timeout=900)
        await connection.execute("vacuum analyze entity", timeout=900)
        print(f"{entities} entities, {rounds} rounds\n")
        for name, query in _queries().items():
            if only not in name:
                continue
            await _measure_one(connection, name, query, rounds)
            if plans:
                await _explain(connection, query)
        await connection.execute("delete from entity where tenant_id = $1", TENANT, timeout=900)
    await pool.close()


async def _measure_one(connection: asyncpg.Connection, name: str, query: EntityQuery, rounds: int) -> None:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = await find(connection, TENANT, query)
        times.append((time.perf_counter() - start) * 1000)
        if sum(times) > 10_000:
            break
    found = len(result.entities) if result.count is None else result.count
    print(f"{name:42} {found:8} found  p50 {statistics.median(times):8.1f} ms  worst {max(times):8.1f} ms")


async def _explain(connection: asyncpg.Connection, query: EntityQuery) -> None:
    for branch in branches(query, TENANT):
        statement = (
            f"explain select attrs from entity where {branch.condition.text} order by {branch.order.text} limit 20"
        )
        for (line,) in await connection.fetch(statement, *branch.condition.parameters):
            print("    ", line[:140])


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--only", default="", help="measure queries whose name has this text")
    parser.add_argument("--plans", action="store_true", help="show PostgreSQL's plan of each condition")
    given = parser.parse_args()
    url = os.environ.get("HIROBA_BENCH_DATABASE_URL")
    if url:
        asyncio.run(measure(url, given.entities, given.rounds, only=given.only, plans=given.plans))
        return
    with running_postgres(settings=_SETTINGS) as server:
        asyncio.run(measure(server.url, given.entities, given.rounds, only=given.only, plans=given.plans))


if __name__ == "__main__":
    main()
