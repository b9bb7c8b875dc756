"""Search at the size of a nation: 100,000 data sets, 16 connections, ranked and counted by five fields.

`python -m bench.catalog search [--quick] [--json FILE]`. The queries are those of people: words of two to four
characters, rare and common ones, several words, English, with filters; a tenth of them are the bare front page.
"""

import contextlib
import random
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import asyncpg
import orjson

from bench.load import put_load, request_bytes
from bench.servers import running
from services.catalog.domain.dataset import Content, Dataset, Kind, Publisher
from services.catalog.domain.distribution import Distribution, with_identifiers
from services.catalog.store.rows import dataset_row, distribution_rows
from services.local.postgres import free_port

DATASETS = 100_000
CONNECTIONS = 16
LIMIT_P95_MS = 50.0
_PUBLISHERS = 400
_AT_ONCE = 2_000
_QUICK = 20_000
_INVERTED = ("terms", "tags", "themes", "formats")
_START = datetime(2016, 4, 1, tzinfo=UTC)
_DAYS = 3_800
_THINGS = [
    "避難所",
    "指定緊急避難場所",
    "AED設置場所",
    "公衆無線LAN",
    "公共施設",
    "文化財",
    "観光施設",
    "子育て施設",
    "医療機関",
    "介護サービス事業所",
    "イベント",
    "公衆トイレ",
    "消防水利",
    "食品営業許可",
    "人口統計",
    "世帯数",
    "保育所",
    "小学校区",
    "中学校区",
    "図書館",
    "公園",
    "駐車場",
    "駐輪場",
    "バス停",
    "バス時刻表",
    "道路台帳",
    "都市計画区域",
    "用途地域",
    "地価",
    "予算",
    "決算",
    "議会議員",
    "選挙",
    "投票所",
    "ごみ収集日",
    "ごみ分別",
    "水位観測",
    "雨量",
    "気象",
    "大気汚染",
    "騒音測定",
    "河川",
    "ため池",
    "津波浸水想定",
    "洪水ハザードマップ",
    "土砂災害警戒区域",
    "交通事故",
    "犯罪統計",
    "空き家",
    "農業産出",
    "漁獲",
    "林道",
    "統計書",
    "給食献立",
    "学校一覧",
    "町名一覧",
    "街路樹",
    "橋りょう",
    "上水道",
    "下水道",
]
_KINDS = ["一覧", "データ", "台帳", "統計", "位置情報", "調査結果", "令和5年度", "令和6年度", "平成30年度", "年次推移"]
_PROSE = (
    "市が管理する施設の名称所在地緯度経度電話番号開設時間対象者備考をまとめたものです"
    "毎年度更新します利用条件を確認のうえ活用してください"
)
_THEMES = ("AGRI", "ECON", "EDUC", "ENVI", "GOVE", "HEAL", "JUST", "REGI", "SOCI", "TECH", "TRAN")
_FORMATS = ("CSV", "XLSX", "PDF", "GeoJSON", "SHP", "JSON")
_LICENCES = ("CC-BY-4.0", "CC-BY", "PDL-1.0", "CC0-1.0", "notspecified")
_SYLLABLES = "高松福井坂出丸亀善通寺観音三豊東香川大野勝山鯖江敦賀小浜越前永平池田南若狭"
_COMMON = ("避難所", "公園", "人口", "一覧", "統計", "市", "データ", "施設")
_RARE = ("水位", "街路樹", "献立", "漁獲", "投票所", "橋りょう", "津波", "騒音", "空き家", "AED", "wifi", "地価")
_ENGLISH = ("evacuation", "parking", "water level", "library", "tourism")
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
    thing = _THINGS[min(int(chance.expovariate(0.06)), len(_THINGS) - 1)]
    title = f"{owner.title}{chance.choice(('', 'の'))}{thing}{chance.choice(_KINDS)}"
    start = chance.randrange(20)
    forms = [
        Distribution("https://example.jp/x", format=each) for each in chance.sample(_FORMATS, chance.randint(1, 3))
    ]
    changed = _START + timedelta(days=chance.randrange(_DAYS), seconds=number % 86_400)
    content = Content(
        titles={"ja": title},
        descriptions={"ja": f"{owner.title}の{thing}について、{_PROSE[start:]}{chance.choice(_THINGS)}"},
        licence=chance.choice(_LICENCES),
        themes=tuple(chance.sample(_THEMES, chance.randint(1, 2))),
        keywords=(thing, owner.title, chance.choice(_THINGS)),
        spatial="372013",
        modified=changed.date().isoformat(),
        distributions=with_identifiers(identifier, forms),
    )
    return Dataset(identifier, f"bench-{number}", owner, Kind.FILE, content, changed, changed)


async def load(url: str, count: int = DATASETS) -> None:
    """Fill the catalogue's tables, unless they are; what words are found through is built at the end: it is quicker."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda value: orjson.loads(value[1:]),
        schema="pg_catalog",
        format="binary",
    )
    if await connection.fetchval("select count(*) from dataset") == count:
        await connection.close()
        return
    await connection.execute("truncate dataset cascade")
    publishers = await _publishers(connection)
    await connection.execute("; ".join(f"drop index dataset_{name}" for name in _INVERTED))
    batch: list[Dataset] = []
    for each in datasets(publishers, count):
        batch.append(each)
        if len(batch) == _AT_ONCE:
            await _copy(connection, batch)
            batch = []
    await _copy(connection, batch)
    for name in _INVERTED:
        await connection.execute(f"create index dataset_{name} on dataset using gin ({name})")
    await connection.execute("vacuum analyze")
    await connection.close()


async def _publishers(connection: Any) -> list[Publisher]:
    chance = random.Random(9)
    found = []
    for number in range(_PUBLISHERS):
        name, title = f"city_{number}", "".join(chance.sample(_SYLLABLES, 2)) + chance.choice("市町村")
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


def queries() -> list[str]:
    """Return addresses as people ask for them; the same every time."""
    chance = random.Random(10)
    facets = [("facet", name) for name in ("publisher", "theme", "format", "licence", "kind")]
    return [f"/datasets?{urlencode([*_asked(chance), *facets])}" for _ in range(2_000)]


def _asked(chance: random.Random) -> list[tuple[str, str]]:
    kind = chance.random()
    if kind < 0.10:
        return []
    if kind < 0.25:
        return [("q", chance.choice(_COMMON))]
    if kind < 0.50:
        return [("q", chance.choice(_RARE))]
    if kind < 0.75:
        place = "".join(chance.sample(_SYLLABLES, 2))
        return [("q", f"{place} {chance.choice(_THINGS)}")]
    if kind < 0.85:
        return [("q", chance.choice(_ENGLISH)), ("theme", chance.choice(_THEMES))]
    return [
        ("q", chance.choice(_THINGS)),
        ("format", chance.choice(_FORMATS)),
        ("tenant", f"city_{chance.randrange(_PUBLISHERS)}"),
    ]


async def run(url: str, *, quick: bool) -> list[dict[str, Any]]:
    """Fill a database, run the catalogue on it, put load on it, and return the scenario's figures."""
    count = _QUICK if quick else DATASETS
    await load(url, count)
    asked = [request_bytes("GET", path, {}) for path in queries()]
    seconds = 10.0 if quick else 30.0
    with running_catalogue(url) as port:
        for _ in range(2):  # the first time warms caches
            measured = await put_load(
                port, lambda number: asked[number % len(asked)], connections=CONNECTIONS, seconds=seconds
            )
    return [
        {
            "name": "catalog-search",
            "datasets": count,
            "connections": CONNECTIONS,
            "throughput": round(measured.throughput, 1),
            "limit_p95_ms": LIMIT_P95_MS,
            "p50_ms": round(measured.percentile_ms(0.5), 1),
            "p95_ms": round(measured.percentile_ms(0.95), 1),
            "p99_ms": round(measured.percentile_ms(0.99), 1),
            "failed": sum(count for status, count in measured.statuses.items() if status >= 400),
        }
    ]


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
