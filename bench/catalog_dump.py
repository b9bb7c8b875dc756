"""The whole catalogue in one stream: DCAT-AP in N-Triples, and data.json, of 100,000 data sets.

`python -m bench.catalog dump [--quick] [--json FILE]`. Memory is what the process needs at most beyond what it needed
after a first, small answer (Linux's `VmHWM`): it is to be the same however many data sets there are.
"""

import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.catalog_search import DATASETS, load, running_catalogue
from bench.processor_time import child_running

LIMIT_GROWTH_MB = 64.0
_FORMS = (("dcat-dump", "/catalog/dump.nt", b"/ns/dcat#Dataset> .\n"), ("data-json", "/data.json", b'"accessLevel"'))
_PART = 1024 * 1024


async def run(url: str, *, quick: bool) -> list[dict[str, Any]]:
    """Fill a catalogue and read it whole; return the figures of each form."""
    count = await load(url, DATASETS // 20 if quick else DATASETS)
    with running_catalogue(url) as port:
        process = child_running("serve catalog")
        _read(port, "/catalog.ttl?limit=200", b"dcat:Dataset")
        return [_figures(name, process, count, (port, path, mark)) for name, path, mark in _FORMS]


def _figures(name: str, process: int, count: int, asked: tuple[int, str, bytes]) -> dict[str, Any]:
    before = _peak_mb(process)
    started = time.monotonic()
    size, found = _read(*asked)
    taken_s = time.monotonic() - started
    return {
        "name": name,
        "datasets": count,
        "found": found,
        "mb": round(size / 1e6, 1),
        "seconds": round(taken_s, 1),
        "datasets_s": round(count / taken_s),
        "grows_mb": round(_peak_mb(process) - before, 1),
        "limit_grows_mb": LIMIT_GROWTH_MB,
    }


def _read(port: int, path: str, mark: bytes) -> tuple[int, int]:
    """Read an answer; return its size and how often a mark is in it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    size, found, rest = 0, 0, b""
    while part := answer.read(_PART):
        size += len(part)
        window = rest + part
        found += window.count(mark)
        last = window.rfind(mark)
        tail = window[-(len(mark) - 1) :]
        rest = tail if last < 0 or last + len(mark) <= len(window) - len(tail) else window[last + len(mark) :]
    connection.close()
    return size, found


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
