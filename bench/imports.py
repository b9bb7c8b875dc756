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
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.postgres import running_postgres
from bench.processor_time import child_running, processor_s
from bench.report import write_report
from bench.servers import running_auth, running_broker, running_ingest
from services.kernel.migrations import migrate
from services.local.postgres import EmbeddedPostgres

ROWS, QUICK_ROWS = 100_000, 10_000
WANTED_S = 60
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


async def imported(
    client: httpx.AsyncClient, name: str, content: bytes, processes: Mapping[str, int]
) -> dict[str, Any]:
    """Import a file and return how long that took, from its sending to the end of the run."""
    rows = content.count(b"\n") - 1
    used, began = _used_s(processes), time.monotonic()
    parameters = {"name": "372013_public_toilet.csv", "wait_s": "0"}
    answer = await client.post("/imports", params=parameters, content=content)
    answer.raise_for_status()
    run = answer.json()
    while run["status"] == "running":
        await asyncio.sleep(_POLL_S)
        run = (await client.get(f"/imports/{run['id']}")).json()
    elapsed, now_used = time.monotonic() - began, _used_s(processes)
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


def _used_s(processes: Mapping[str, int]) -> dict[str, float]:
    return {name: processor_s(process) for name, process in processes.items()}


async def run(server: EmbeddedPostgres, rows: int) -> list[dict[str, Any]]:
    """Import the file twice, on a server of PostgreSQL."""
    url = server.url
    for service in ("auth", "broker", "ingest"):
        await migrate(url, service)
    content = file_of(rows)
    figures = []
    with ExitStack() as stack:
        stack.enter_context(running_auth(url))
        broker = stack.enter_context(running_broker(url))
        ingest = stack.enter_context(running_ingest(url, broker))
        processes = {name: child_running(name) for name in ("serve ingest", "serve broker")}
        processes["postgres"] = int(server.pid or 0)
        headers = {"Fiware-Service": "bench", "Content-Type": "text/csv"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ingest}", timeout=120, headers=headers) as client:
            for name in ("import-new", "import-again"):
                figures.append(await imported(client, name, content, processes))
                print(json.dumps(figures[-1]), flush=True)
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file")
    parser.add_argument("--quick", action="store_true", help=f"a file of {QUICK_ROWS:,} rows")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    with running_postgres() as server:
        figures = asyncio.run(run(server, QUICK_ROWS if given.quick else given.rows))
    write_report(figures, given.json)


if __name__ == "__main__":
    main()
