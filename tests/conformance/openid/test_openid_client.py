"""The npm package openid-client runs every flow against a provider that listens on a port."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.settings import read_settings
from services.local.postgres import free_port
from tests.conformance.openid.conftest import LOGIN
from tests.support.auth import administrator, bearer, grant, register, until_ready
from tests.support.openid import CALLBACK, PASSWORD, Browser, Page
from tests.support.serving import served

SCRIPT = Path(__file__).with_name("flows.mjs")


async def _walk(browser: Browser, address: str) -> Page:
    """Do what the pages at an address ask a person for."""
    page = await browser.open(address)
    while not page.is_callback and page.forms:
        if "password" in page.form.fields:
            page = await browser.sign_in(page, LOGIN)
        elif ("decision", "allow") in page.form.buttons:
            page = await browser.send(page, decision="allow")
        else:
            page = await browser.send(page)
    return page


async def _converse(browser: Browser, given: dict[str, Any]) -> dict[str, Any]:
    """Run the script, answer what it asks for, and return the last thing it says."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        json.dumps(given),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HIROBA_TEST_OPENID_CLIENT": os.environ["HIROBA_TEST_OPENID_CLIENT"]},
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    said: dict[str, Any] = {}
    while line := await process.stdout.readline():
        said = json.loads(line)
        if "open" in said:
            page = await _walk(browser, said["open"])
            process.stdin.write(page.url.encode() + b"\n")
            await process.stdin.drain()
    faults = (await process.stderr.read()).decode()
    assert await process.wait() == 0, faults
    return said


@pytest.mark.needs("node", "openid-client")
async def test_openid_client_runs_every_flow(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = read_settings(AuthSettings, database_url=database_url, data_dir=tmp_path, auth="required", auth_url=url)
    with served(create_app(settings), port):
        async with httpx.AsyncClient(base_url=url, timeout=60) as hub:
            await until_ready(hub)
            headers = dict(await bearer(hub, administrator(tmp_path)))
            await hub.put("/tenants/takamatsu", json={}, headers=headers)
            body = {"login": LOGIN, "tenant": "takamatsu", "password": PASSWORD}
            user = (await hub.post("/users", json=body, headers=headers)).json()
            machine = await register(hub, headers, grant("takamatsu", "read", "write"))
            given = {
                "issuer": url,
                "token": headers["Authorization"].removeprefix("Bearer "),
                "callback": CALLBACK,
                "machine": {"client_id": machine.client_id, "client_secret": machine.secret},
            }
            assert await _converse(Browser(hub), given) == {"done": user["user_id"]}
