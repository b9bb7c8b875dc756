"""All entities of a type as a file: 1,000,000 through the catalogue, and straight from the context broker.

`python -m bench.catalog csv [--quick] [--json FILE]`. An entity has five attributes, a place among them, 1.2 kB as it
is stored. Memory is what the process needs at most beyond what it needed before (Linux's `VmHWM`): it is to be the same
however many entities there are. `…_cpu_ms_mb` is the processor time of a megabyte of the file.
"""

import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import asyncpg

from bench.processor_time import child_running, processor_s
from bench.servers import running, running_broker
from services.kernel.migrations import migrate
from services.local.ports import free_port

ENTITIES = 1_000_000
LIMIT_MB_S = 20.0
_VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"
_NAME = "default-site"
_FILL = f"""
insert into entity (tenant_id, id, type, uri, attrs, area, created_at, modified_at)
select $1, uri, '{_VOCABULARY}Site', uri, jsonb_build_object(
    '{_VOCABULARY}name', jsonb_build_array(written || jsonb_build_object('value', '避難所 ' || n)),
    '{_VOCABULARY}address', jsonb_build_array(written || jsonb_build_object('value', '高松市番町一丁目 ' || n)),
    '{_VOCABULARY}capacity', jsonb_build_array(written || jsonb_build_object('value', n)),
    '{_VOCABULARY}level', jsonb_build_array(written || jsonb_build_object(
        'value', n / 7.0, 'unitCode', 'MTR', 'observedAt', '2026-01-01T00:00:00.000Z'
    )),
    'https://uri.etsi.org/ngsi-ld/location', jsonb_build_array(written || jsonb_build_object(
        'kind', 'GeoProperty',
        'value', jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(134 + n / 1e6, 34.3))
    ))
), box(point(134 + n / 1e6, 34.3)), now(), now()
from (
    select n, 'urn:ngsi-ld:Site:' || n as uri, jsonb_build_object(
        'kind', 'Property', 'createdAt', '2026-01-01T00:00:00.000Z', 'modifiedAt', '2026-01-01T00:00:00.000Z'
    ) as written
    from generate_series(1, $2::integer) as n
) as numbered
"""
_COUNT = """
insert into shape_count (tenant_id, shape, entities)
select $1, jsonb_build_object('path', '/', 'types', jsonb_build_array(type), 'attributes',
    (select jsonb_object_agg(key, value #>> '{0,kind}') from jsonb_each(attrs))), $2
from entity where tenant_id = $1 limit 1
"""
_TELL = """
insert into type_statistics (tenant_id, type, modified_at, version)
values ($1, $2, now(), nextval('type_statistics_version'))
"""


async def run(url: str, *, quick: bool) -> list[dict[str, Any]]:
    """Fill the broker, let the catalogue follow it, and download; return the figures of each form."""
    await migrate(url, "broker")
    entities = ENTITIES // 10 if quick else ENTITIES
    await _fill(url, entities)
    with running_broker(url) as broker:
        port = free_port()
        environment = {
            "HIROBA_DATABASE_URL": url,
            "HIROBA_CATALOG_PORT": str(port),
            "HIROBA_TENANT_CREATION": "on-write",
            "HIROBA_BROKER_URL": f"http://127.0.0.1:{broker}",
            "HIROBA_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "services.cli", "serve", "catalog"]
        with running(command, environment, port, "/health/ready"):
            _wait_for_dataset(port)
            words = {"catalog": "serve catalog", "broker": "serve broker", "postgres": "bin/postgres"}
            processes = {which: child_running(each) for which, each in words.items()}
            export = f"/export/entities?type={_VOCABULARY}Site"
            files = {form: f"/datasets/{_NAME}/download.{form}" for form in ("csv", "geojson", "parquet")}
            figures = [_download("export-csv", broker, export, processes)]
            figures += [_download(f"download-{form}", port, path, processes) for form, path in files.items()]
    return [{**each, "entities": entities, "limit_mb_s": LIMIT_MB_S} for each in figures]


async def _fill(url: str, entities: int) -> None:
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"}, timeout=60)
    try:
        await connection.execute("insert into tenant (name) values ('') on conflict do nothing")
        tenant_id = await connection.fetchval("select tenant_id from tenant where name = ''")
        await connection.execute(_FILL, tenant_id, entities, timeout=900)
        await connection.execute(_COUNT, tenant_id, entities)
        await connection.execute(_TELL, tenant_id, f"{_VOCABULARY}Site")
        await connection.execute("vacuum analyze entity", timeout=900)
    finally:
        await connection.close()


def _wait_for_dataset(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", f"/datasets/{_NAME}/observed")
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        if answer.status == 200 and b'"values":[' in told and b'"values":[]' not in told:
            return
        time.sleep(0.5)
    raise TimeoutError("The catalogue does not come to know the type")


def _download(name: str, port: int, path: str, processes: dict[str, int]) -> dict[str, Any]:
    before = {which: (_peak_mb(process), processor_s(process)) for which, process in processes.items()}
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.monotonic()
    connection.request("GET", path)
    answer = connection.getresponse()
    size, first_s = 0, 0.0
    while part := answer.read(1024 * 1024):
        first_s = first_s or time.monotonic() - started
        size += len(part)
    taken_s = time.monotonic() - started
    connection.close()
    used: dict[str, float] = {}
    for which, process in processes.items():
        peak_mb, used_s = before[which]
        used[f"{which}_cpu_ms_mb"] = round((processor_s(process) - used_s) / size * 1e9, 1)
        if which != "postgres":
            used[f"{which}_grows_mb"] = round(_peak_mb(process) - peak_mb, 1)
    rate = size / 1e6 / taken_s
    figures = {"status": answer.status, "mb": round(size / 1e6, 1), "seconds": round(taken_s, 2)}
    return {"name": name, **figures, "mb_s": round(rate, 1), "first_byte_s": round(first_s, 3), **used}


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
