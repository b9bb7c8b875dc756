"""`/iot/about` and `/version`: what the service is, and its connections."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request

router = APIRouter(tags=["Operation"])


@router.get("/iot/about", summary="Tell the version and the state of the connections")
@router.get("/version", summary="Tell the version and the state of the connections (other name)")
async def about(request: Request) -> dict[str, Any]:
    """Answer as the IoT agent does; `connections` tells of each part whether it can be reached, and since when."""
    parts = request.app.state.parts
    looks = [each.look(parts.clock) for each in parts.connections.values()]
    found = await asyncio.gather(*looks)
    return {
        "libVersion": request.app.version,
        "version": request.app.version,
        "port": str(parts.settings.ingest_port),
        "baseRoot": "/",
        "connections": dict(zip(parts.connections, found, strict=True)),
    }
