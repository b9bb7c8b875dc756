"""The benchmark of imports: a CSV file of a city, from its sending to the last entity committed.

`python -m bench.imports [--rows N] [--quick] [--json FILE]`

PostgreSQL, the context broker, ingest and the sender share the machine. The file is one of public toilets, as the
standard data sets have it, and every tenth row needs a repair. It is imported twice: as new entities, and as an update
of them.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.processor_time import child_running, processor_s
from bench.servers import running, running_broker
from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres, free_port

ROWS, QUICK_ROWS = 100_000, 10_000
WANTED_S = 60
_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "100"}
_COLUMNS = (
    "全国地方公共団体コード",
    "ID",
    "地方公共団体名",
    "名称",
    "名称_カナ",
    "名称_英語",
    "所在地_全国地方公共団体コード",
    "町字ID",
    "所在地_連結表記",
    "所在地_都道府県",
    "所在地_市区町村",
    "所在地_町字",
    "所在地_番地以下",
    "建物名等(方書)",
    "設置位置",
    "緯度",
    "経度",
    "男性トイレ総数",
    "男性トイレ数（小便器）",
    "女性トイレ総数",
    "車椅子使用者用トイレ有無",
    "利用開始時間",
    "利用終了時間",
    "利用可能時間特記事項",
    "備考",
)
_POLL_S = 0.2


def file_of(rows: int) -> bytes:
    """Write a file with so many rows in Shift_JIS, as many municipalities publish."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    for number in range(1, rows + 1):
        count = str(number % 7) if number % 10 else "３"
        place = f"{34 + number % 1000 / 1000:.6f}", f"{134 + number // 1000 / 1000:.6f}"
        code = "372013" if number % 10 else "37201"
        address = f"香川県高松市番町{number % 8 + 1}丁目{number}"
        cells = (
            code,
            number,
            "高松市",
            f"公衆トイレ{number}",
            "コウシュウトイレ",
            f"Toilet {number}",
            "372013",
            "0001",
        )
        more = (
            address,
            "香川県",
            "高松市",
            f"番町{number % 8 + 1}丁目",
            number,
            "",
            "公園の入口",
            *place,
            count,
            "2",
            "2",
        )
        writer.writerow((*cells, *more, "有" if number % 3 else "無", "8:00", "17:00", "年末年始は休み", ""))
    return output.getvalue().encode("cp932")


@contextmanager
def running_ingest(database_url: str, broker: int) -> Iterator[int]:
    """Run ingest as `hiroba serve` does, without an MQTT broker."""
    port = free_port()
    environment = {
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_BROKER_URL": f"http://127.0.0.1:{broker}",
        "HIROBA_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
        "HIROBA_INGEST_PORT": str(port),
        "HIROBA_INGEST_HTTP_PORT": str(free_port()),
        "HIROBA_TENANT_CREATION": "on-write",
        "HIROBA_LOG_LEVEL": "WARNING",
    }
    with running([sys.executable, "-m", "services.cli", "serve", "ingest"], environment, port, "/health/live"):
        yield port


async def imported(client: httpx.AsyncClient, name: str, content: bytes, rows: int) -> dict[str, Any]:
    """Import a file and return how long that took, from its sending to the end of the run."""
    used, began = _used_s(), time.monotonic()
    parameters = {"name": "372013_public_toilet.csv", "wait_s": "0"}
    answer = await client.post("/imports", params=parameters, content=content)
    answer.raise_for_status()
    run = answer.json()
    while run["status"] == "running":
        await asyncio.sleep(_POLL_S)
        run = (await client.get(f"/imports/{run['id']}")).json()
    elapsed, now_used = time.monotonic() - began, _used_s()
    report = run["report"]
    if (run["status"], report["accepted"]) != ("finished", rows):
        raise RuntimeError(f"The import is {run['status']}: {report['accepted']} of {rows} rows accepted")
    return {
        "name": name,
        "rows": rows,
        "bytes": len(content),
        "seconds": round(elapsed, 1),
        "wanted_s": round(WANTED_S * rows / ROWS, 1),
        "throughput": round(rows / elapsed),
        "processor_us": {part: round((now_used[part] - used[part]) / rows * 1e6) for part in used},
        "rss_mb": round(psutil.Process(child_running("serve ingest")).memory_info().rss / 2**20),
    }


def _used_s() -> dict[str, float]:
    parts = {name: processor_s(child_running(name)) for name in ("serve ingest", "serve broker")}
    return {**parts, "postgres": _postgres_s()}


def _postgres_s() -> float:
    return sum(sum(each.cpu_times()[:2]) for each in psutil.process_iter() if each.name() == "postgres")


async def run(url: str, rows: int) -> list[dict[str, Any]]:
    """Import the file twice, on a server of PostgreSQL."""
    for service in ("broker", "ingest"):
        await migrate(url, service)
    content = file_of(rows)
    figures = []
    with ExitStack() as stack:
        broker = stack.enter_context(running_broker(url))
        ingest = stack.enter_context(running_ingest(url, broker))
        headers = {"Fiware-Service": "bench", "Content-Type": "text/csv"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ingest}", timeout=120, headers=headers) as client:
            for name in ("import-new", "import-again"):
                figures.append(await imported(client, name, content, rows))
                print(json.dumps(figures[-1]), flush=True)
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file")
    parser.add_argument("--quick", action="store_true", help=f"a file of {QUICK_ROWS:,} rows")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hiroba-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        server = EmbeddedPostgres(directory / "postgres", options=_SETTINGS)
        server.start()
        try:
            figures = asyncio.run(run(server.url, QUICK_ROWS if given.quick else given.rows))
        finally:
            server.stop()
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    if given.json:
        given.json.write_text(json.dumps({"machine": machine, "scenarios": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
