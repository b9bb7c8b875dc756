"""Declaring an attribute index on the broker that is measured."""

import asyncio

import httpx

_LONGEST_BUILD_S = 180


async def declare_index(port: int, attribute: str) -> None:
    """Declare an index and wait until it is ready. Raises TimeoutError."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        (await client.put(f"/indexes/{attribute}")).raise_for_status()
        async with asyncio.timeout(_LONGEST_BUILD_S):
            while not all(each["is_ready"] for each in (await client.get("/indexes")).json()):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
