"""How a service runs under uvicorn: alone, or as several worker processes on one port."""

import asyncio
import gc
import importlib
import multiprocessing
import signal
from typing import Any

from services.kernel.lifeline import die_with_parent
from services.kernel.settings import Settings, SettingsError, read_settings
from services.kernel.telemetry import AsgiApp, Receive, Scope, Send, configure_logging
from services.local.service_settings import service_settings

SHUTDOWN_GRACE_S = 10
_KEEP_ALIVE_S = 75


def prepare(service: str) -> Settings:
    """Read a service's settings and set up its log. Raises SettingsError."""
    settings = read_settings(service_settings(service))
    configure_logging(service, settings.log_level)
    return settings


def create(service: str) -> AsgiApp:
    """Build a service's app from the environment; a worker process of uvicorn's dies with its parent."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with_parent(signal.SIGTERM, parent.pid)()
    settings = prepare(service)
    app = _ending_when_broken(importlib.import_module(f"services.{service}.main").create_app(settings))
    tune_collector()
    return app


def run(service: str) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way. Raises SettingsError."""
    import uvloop  # noqa: PLC0415

    settings = prepare(service)
    main = importlib.import_module(f"services.{service}.main")
    if hasattr(main, "serve"):  # ingest listens on two ports
        tune_collector()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.get_loop().set_exception_handler(_end_if_fatal)
            runner.run(main.serve(settings))
        return
    import uvicorn  # noqa: PLC0415

    app = _ending_when_broken(main.create_app(settings))
    tune_collector()
    uvicorn.run(app, port=getattr(settings, f"{service}_port"), **_options(settings))


def run_workers(service: str, workers: int) -> None:
    """Serve with several processes; one that dies is started again. Raises SettingsError."""
    import uvicorn  # noqa: PLC0415

    settings = prepare(service)
    if service == "ingest":
        raise SettingsError("ingest runs as one process: a second one is its standby, not its worker")
    port = getattr(settings, f"{service}_port")
    uvicorn.run(f"services.cli.worker:{service}", factory=True, workers=workers, port=port, **_options(settings))


def _ending_when_broken(app: AsgiApp) -> AsgiApp:
    """End the process when background work fails: whoever started it starts it again, whole."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            asyncio.get_running_loop().set_exception_handler(_end_if_fatal)
        await app(scope, receive, send)

    return serve


def tune_collector() -> None:
    """Let the garbage collector look at requests, not again and again at what was imported.

    The modules, route tables and schemas that stand at start-up are taken out of its sight, and it starts after more
    allocations: a full collection in the middle of a group of writes took 80 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _end_if_fatal(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    loop.default_exception_handler(context)
    if context.get("fatal"):
        signal.raise_signal(signal.SIGTERM)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "loop": "uvloop",
        "http": "httptools",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": _KEEP_ALIVE_S,
        "timeout_graceful_shutdown": SHUTDOWN_GRACE_S,
    }
