"""Filters in CQL2 over 100,000 data sets, each asked by itself: how long its answer takes.

`python -m bench.catalog filters [--quick] [--json FILE] [--keep DIRECTORY]`. What has a kanji, or three letters or
two kana and one more behind them, is found through the index; the last three read every row.
"""

import time
from http.client import HTTPConnection
from statistics import median
from typing import Any
from urllib.parse import urlencode

from bench.catalog_search import DATASETS, QUICK, load, running_catalogue

_ROUNDS = 5
_FILTERS = (
    "title = '公園一覧'",
    "title LIKE '%公園%'",
    "CASEI(title) LIKE CASEI('%公園%')",
    "CASEI(title) LIKE CASEI('%PARK%')",
    "CASEI(description) LIKE CASEI('%避難所%')",
    "CASEI(keywords) LIKE CASEI('%公園%')",
    "CASEI(title) LIKE CASEI('%公園%') OR CASEI(title) LIKE CASEI('%学校%')",
    "keywords = '公園'",
    "CASEI(title) LIKE CASEI('%P%')",
    "CASEI(keywords) LIKE CASEI('%P%')",
    "NOT CASEI(title) LIKE CASEI('%公園%')",
)


async def run(url: str, *, quick: bool) -> list[dict[str, Any]]:
    """Fill a database, run the catalogue on it, and return the figures of each filter."""
    count = await load(url, QUICK if quick else DATASETS)
    with running_catalogue(url) as port:
        return [{"name": each, "datasets": count, **_ask(port, each)} for each in _FILTERS]


def _ask(port: int, written: str) -> dict[str, Any]:
    path = "/ogc/collections/datasets/items?" + urlencode({"filter": written, "limit": 10})
    taken = []
    for _ in range(_ROUNDS):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        started = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        size = len(answer.read())
        taken.append((time.monotonic() - started) * 1000)
        connection.close()
    return {
        "status": answer.status,
        "bytes": size,
        "median_ms": round(median(taken), 1),
        "most_ms": round(max(taken), 1),
    }
