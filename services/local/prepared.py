"""What all services import, imported once: they then start as copies of this process (`services.local.forked`)."""

import gc
import importlib
import sys

_SHARED = (
    "aiohttp",
    "fastapi.openapi.utils",
    "fastapi_offline",
    "httpx",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.ext.asyncio",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
    "services.kernel.app",
    "services.kernel.audit",
    "services.kernel.credentials",
    "services.kernel.fetch",
    "services.kernel.identity",
    "services.kernel.metering",
    "services.kernel.paging",
    "services.kernel.problems",
    "services.kernel.ratelimit",
    "services.kernel.seal",
    "services.kernel.sql",
    "services.kernel.telemetry",
    "services.kernel.tenancy",
)

CAN_FORK = sys.platform == "linux"
"""Elsewhere the system's own libraries may not survive being copied: there each service starts a Python of its own."""


def prepare() -> None:
    """Import what all services need, and take it out of the collector's sight, so that its memory stays shared."""
    if CAN_FORK:
        for name in _SHARED:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()
