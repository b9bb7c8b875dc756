"""`/iot/about` and `/version`: what the service is, and its connections."""

from typing import Any

from fastapi import APIRouter, Request

router = APIRouter(tags=["Operation"])


@router.get("/iot/about", summary="Tell the version and the state of the connections")
@router.get("/version", summary="Tell the version and the state of the connections (other name)")
async def about(request: Request) -> dict[str, Any]:
    """Answer as the IoT agent does; `connections` tells for each part whether it can be reached."""
    parts = request.app.state.parts
    checks = {"contextBroker": parts.is_broker_ready, "mqtt": parts.is_mqtt_ready, "database": parts.is_database_ready}
    return {
        "libVersion": request.app.version,
        "version": request.app.version,
        "port": str(parts.settings.ingest_port),
        "baseRoot": "/",
        "connections": {name: {"ok": await check()} for name, check in checks.items()},
    }
