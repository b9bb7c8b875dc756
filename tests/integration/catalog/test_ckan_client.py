"""CKAN's own Python client against a running catalogue."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import SearchQueryError

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import LIST, TAKAMATSU
from tests.support.serving import served


@pytest.mark.parametrize("get_only", [False, True], ids=["POST", "GET"])
async def test_ckanapi_lists_shows_and_searches(settings: CatalogSettings, *, get_only: bool) -> None:
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
        with RemoteCKAN(url, get_only=get_only) as ckan:
            await asyncio.to_thread(_use, ckan)


def _use(ckan: Any) -> None:
    names = ckan.action.package_list()
    assert len(names) == 113
    shown = [ckan.action.package_show(id=name) for name in names[:5]]
    assert [each["name"] for each in shown] == names[:5]
    found = ckan.action.package_search(q="避難", fq="organization:takamatsu", rows=5, sort="name asc")
    assert found["count"] == len(found["results"]) > 0
    assert ckan.action.organization_show(id="takamatsu")["package_count"] == 113
    assert len(ckan.action.license_list()) > 5
    assert _raised(lambda: ckan.action.package_show(id="nothing")) is NotFound
    assert _raised(ckan.action.package_show) is ValidationError
    assert _raised(lambda: ckan.action.package_search(fq="colour:red")) is SearchQueryError


async def test_ckanapi_dumps_loads_and_deletes(settings: CatalogSettings, tmp_path: Path) -> None:
    head = b"\n".join(LIST.read_bytes().splitlines()[:5])
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await client.post("/datasets/import", content=head, headers=TAKAMATSU)
        dumped = await _command(url, "dump", "datasets", "--all")
        lines = dumped.splitlines()
        assert len(lines) == 4
        changed = [json.loads(line) | {"notes": "読み戻した"} for line in lines]
        new = {**json.loads(lines[0]), "id": None, "name": "loaded", "resources": []}
        file = tmp_path / "packages.jsonl"
        file.write_text("\n".join(json.dumps(each) for each in [*changed, new]), encoding="utf-8")
        await _command(url, "load", "datasets", "-I", str(file), "-p", "1")
        again = [json.loads(line) for line in (await _command(url, "dump", "datasets", "--all")).splitlines()]
        assert [each["notes"] for each in again].count("読み戻した") == 4
        assert "loaded" in {each["name"] for each in again}
        await _command(url, "delete", "datasets", "loaded")
        with RemoteCKAN(url) as ckan:
            assert "loaded" not in await asyncio.to_thread(ckan.action.package_list)
            found = await _command(url, "search", "datasets", "q=読み戻した")
            assert len(found.splitlines()) == 4


async def test_ckanapi_uploads_replaces_and_deletes_files(settings: CatalogSettings, tmp_path: Path) -> None:
    file = tmp_path / "公園.csv"
    file.write_bytes("名称,区\n中央,北\n".encode("cp932"))
    with served(create_app(settings)) as url, RemoteCKAN(url) as ckan:
        made = await asyncio.to_thread(_upload, ckan, file)
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get(httpx.URL(made["url"]).path)).content == file.read_bytes()
            await asyncio.to_thread(ckan.action.resource_delete, id=made["id"])
            assert (await client.get("/files", params={"dataset": "parks"})).json() == []


def _upload(ckan: Any, file: Path) -> dict[str, Any]:
    ckan.action.package_create(name="parks", title="公園", owner_org="takamatsu", license_id="CC-BY-4.0")
    with file.open("rb") as content:
        made = ckan.action.resource_create(package_id="parks", upload=content, name="公園", format="CSV")
    assert (made["url_type"], made["size"]) == ("upload", file.stat().st_size)
    assert ckan.action.datastore_search(resource_id=made["id"])["records"][0]["名称"] == "中央"
    file.write_bytes(b"name\nCentral\n")
    with file.open("rb") as content:
        changed: dict[str, Any] = ckan.action.resource_patch(id=made["id"], upload=content)
    assert (changed["id"], changed["name"], changed["size"]) == (made["id"], "公園", 13)
    assert _raised(lambda: ckan.action.resource_create(package_id="parks", upload="公園.csv")) is ValidationError
    return changed


async def _command(url: str, *arguments: str) -> str:
    """Run CKAN's command-line client; return what it writes."""
    command = Path(sys.executable).with_name("ckanapi")
    process = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        "-r",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"},  # its workers are itself
    )
    out, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return out.decode()


def _raised(call: Callable[[], object]) -> type[BaseException] | None:
    try:
        call()
    except Exception as error:
        return type(error)
    return None


async def test_a_ckan_harvesters_requests_are_answered(settings: CatalogSettings) -> None:
    """What ckanext-harvest sends: pages by identifier, then what changed since, each package's organization."""
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)

            async def search(**given: object) -> dict[str, Any]:
                query = {"rows": 100, "sort": "id asc", **given}
                answer = await client.get("/api/3/action/package_search", params=query)
                result: dict[str, Any] = answer.json()["result"]
                return result

            first, second, third = [await search(start=start) for start in (0, 100, 200)]
            identifiers = [each["id"] for each in first["results"] + second["results"]]
            assert (first["count"], len(set(identifiers)), third["results"]) == (113, 113, [])
            assert identifiers == sorted(identifiers)
            recent = "metadata_modified:[2020-01-01T00:00:00.000000Z TO *] AND organization:takamatsu"
            assert (await search(start=0, fq=recent))["count"] == 113
            assert (await search(start=0, fq="metadata_modified:[2999-01-01T00:00:00Z TO *]"))["count"] == 0
            assert (await search(start=0, fq="-organization:takamatsu"))["count"] == 0
            shown = await client.get("/api/3/action/organization_show", params={"id": "takamatsu"})
            assert shown.json()["result"]["name"] == "takamatsu"
            assert (await client.get("/api/3/action/site_read")).json()["result"] is True
