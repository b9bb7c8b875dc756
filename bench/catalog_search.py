"""Search at the size of a nation: 100,000 data sets, 16 connections, ranked and counted by five fields.

`python -m bench.catalog search [--quick] [--json FILE]`. What is asked, `bench/questions.py` says: of the
first scenario's questions a third was never asked before, of the second's all of them.
"""

import contextlib
import random
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from bench.load import put_load, request_bytes
from bench.processor_time import child_running, processor_s
from bench.questions import questions
from bench.servers import running
from bench.words import FORMATS, KINDS, LICENCES, PROSE, PUBLISHERS, SYLLABLES, THEMES, THINGS
from services.catalog.domain.dataset import Content, Dataset, Kind, Publisher
from services.catalog.domain.distribution import Distribution, with_identifiers
from services.catalog.store.rows import dataset_row, distribution_rows
from services.local.ports import free_port

DATASETS = 100_000
CONNECTIONS = 16
LIMIT_P95_MS = 50.0
_AT_ONCE = 2_000
QUICK = 20_000
_SCENARIOS = {"catalog-search": 1 / 3, "catalog-search-new": 1.0}
_START = datetime(2016, 4, 1, tzinfo=UTC)
_DAYS = 3_800
_PUBLISHER = (
    "insert into tenant (name, details) values ($1, $2)"
    " on conflict (name) do update set details = excluded.details returning tenant_id"
)


def datasets(publishers: list[Publisher], count: int = DATASETS) -> Iterator[Dataset]:
    """Make data sets as cities have them; the same every time."""
    chance = random.Random(8)
    for number in range(count):
        yield _dataset(number, chance.choice(publishers), chance)


def _dataset(number: int, owner: Publisher, chance: random.Random) -> Dataset:
    identifier = uuid.UUID(int=chance.getrandbits(128))
    thing = THINGS[min(int(chance.expovariate(0.06)), len(THINGS) - 1)]
    title = f"{owner.title}{chance.choice(('', 'の'))}{thing}{chance.choice(KINDS)}"
    start = chance.randrange(20)
    forms = [Distribution("https://example.jp/x", format=each) for each in chance.sample(FORMATS, chance.randint(1, 3))]
    changed = _START + timedelta(days=chance.randrange(_DAYS), seconds=number % 86_400)
    content = Content(
        titles={"ja": title},
        descriptions={"ja": f"{owner.title}の{thing}について、{PROSE[start:]}{chance.choice(THINGS)}"},
        licence=chance.choice(LICENCES),
        themes=tuple(chance.sample(THEMES, chance.randint(1, 2))),
        keywords=(thing, owner.title, chance.choice(THINGS)),
        spatial="372013",
        modified=changed.date().isoformat(),
        distributions=with_identifiers(identifier, forms),
    )
    return Dataset(identifier, f"bench-{number}", owner, Kind.FILE, content, changed, changed)


async def load(url: str, count: int = DATASETS) -> int:
    """Fill the catalogue's tables unless there are as many data sets or more; return how many there are.

    What words are found through is built at the end, which is quicker.
    """
    connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda value: orjson.loads(value[1:]),
        schema="pg_catalog",
        format="binary",
    )
    present: int = await connection.fetchval("select count(*) from dataset")
    if present >= count:
        await connection.close()
        return present
    await connection.execute("truncate dataset cascade")
    publishers = await _publishers(connection)
    inverted = await connection.fetchval("select pg_get_indexdef('dataset_found'::regclass)")
    await connection.execute("drop index dataset_found")
    batch: list[Dataset] = []
    for each in datasets(publishers, count):
        batch.append(each)
        if len(batch) == _AT_ONCE:
            await _copy(connection, batch)
            batch = []
    await _copy(connection, batch)
    await connection.execute(inverted, timeout=600)
    await connection.execute("vacuum analyze")
    await connection.close()
    return count


async def _publishers(connection: Any) -> list[Publisher]:
    chance = random.Random(9)
    found = []
    for number in range(PUBLISHERS):
        name, title = f"city_{number}", "".join(chance.sample(SYLLABLES, 2)) + chance.choice("市町村")
        details = {"title": title, "kind": "municipality"}
        found.append(Publisher(await connection.fetchval(_PUBLISHER, name, details), name, title))
    return found


async def _copy(connection: Any, batch: list[Dataset]) -> None:
    for table, rows in (
        ("dataset", [dataset_row(each) for each in batch]),
        ("distribution", [row for each in batch for row in distribution_rows(each)]),
    ):
        if rows:
            columns = list(rows[0])
            records = [tuple(row[name] for name in columns) for row in rows]
            await connection.copy_records_to_table(table, records=records, columns=columns)


async def run(url: str, *, quick: bool) -> list[dict[str, Any]]:
    """Fill a database, run the catalogue on it, put load on it, and return the figures of each scenario."""
    count = await load(url, QUICK if quick else DATASETS)
    seconds = 10.0 if quick else 30.0
    with running_catalogue(url) as port:
        told = []
        for name, new in _SCENARIOS.items():
            stream = (request_bytes("GET", path, {}) for path in questions(new))
            await _put(port, stream, seconds)  # the first time warms caches
            told.append({"name": name, "datasets": count, **await _put(port, stream, seconds)})
    return told


async def _put(port: int, stream: Iterator[bytes], seconds: float) -> dict[str, Any]:
    before = _used_s()
    measured = await put_load(port, lambda _: next(stream), connections=CONNECTIONS, seconds=seconds)
    answered = len(measured.latencies)
    return {
        "connections": CONNECTIONS,
        "throughput": round(measured.throughput, 1),
        "limit_p95_ms": LIMIT_P95_MS,
        **{f"p{share}_ms": round(measured.percentile_ms(share / 100), 1) for share in (50, 95, 99)},
        **{f"{of}_cpu_ms": round((used - before[of]) / answered * 1000, 2) for of, used in _used_s().items()},
        "failed": sum(count for status, count in measured.statuses.items() if status >= 400),
    }


def _used_s() -> dict[str, float]:
    """Return the seconds of processor time that each part has used: what a search costs, whatever else runs."""
    return {
        "catalog": processor_s(child_running("serve catalog")),
        "postgres": processor_s(child_running("bin/postgres")),
        "client": time.process_time(),
    }


@contextlib.contextmanager
def running_catalogue(database_url: str) -> Iterator[int]:
    """Run the catalogue as `hiroba serve` does, without a broker to follow."""
    port = free_port()
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_CATALOG_PORT": str(port),
        "HIROBA_CATALOG_LIVE_INTERVAL_S": "0",
        "HIROBA_AUTH_URL": "http://127.0.0.1:9",
        "HIROBA_LOG_LEVEL": "WARNING",
    }
    with running([sys.executable, "-m", "services.cli", "serve", "catalog"], environment, port, "/health/ready"):
        yield port
