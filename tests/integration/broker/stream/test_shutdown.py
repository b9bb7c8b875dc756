"""An open stream does not hold up a process that is asked to end."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from services.local.ports import free_port
from tests.support.patience import until

GRACE_S = 9  # uvicorn would wait for 10


async def test_a_process_with_an_open_stream_ends_at_once(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "HIROBA_DATABASE_URL": database_url,
        "HIROBA_DATA_DIR": str(tmp_path),
        "HIROBA_BROKER_PORT": str(port),
        "HIROBA_TENANT_CREATION": "on-write",
        "HIROBA_AUTH_URL": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "services.cli", "serve", "broker"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await _until_ready(client)
            async with client.stream("GET", "/stream/ngsi-ld/entities") as answer:
                lines = answer.aiter_lines()
                assert await anext(lines) == "retry: 2000"
                started = time.monotonic()
                process.send_signal(signal.SIGTERM)
                async for _ in lines:
                    pass
        assert await asyncio.wait_for(process.wait(), GRACE_S) in (0, -signal.SIGTERM)
        assert time.monotonic() - started < GRACE_S
    finally:
        if process.returncode is None:
            process.kill()


async def _until_ready(client: httpx.AsyncClient) -> None:
    async def is_ready() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await client.get("/health/ready")).status_code == 200
        return False

    await until(is_ready)
