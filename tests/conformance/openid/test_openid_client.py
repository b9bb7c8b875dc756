"""The npm package openid-client runs every flow against a provider that listens on a port."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.auth import grant, register
from tests.support.guarded_auth import guarded_settings, serving_auth, settle
from tests.support.openid import CALLBACK, LOGIN, Browser, Page

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
    settings = guarded_settings(database_url, tmp_path)
    async with serving_auth(settings) as hub:
        town = await settle(hub, tmp_path)
        machine = await register(hub, town.headers, grant("takamatsu", "read", "write"))
        given = {
            "issuer": settings.auth_url,
            "token": town.headers["Authorization"].removeprefix("Bearer "),
            "callback": CALLBACK,
            "machine": {"client_id": machine.client_id, "client_secret": machine.secret},
        }
        assert await _converse(Browser(hub), given) == {"done": town.user["user_id"]}
