"""How a service runs under uvicorn: alone, or as several worker processes on one port."""

import importlib
import multiprocessing
import signal
from typing import Any

from services.kernel.settings import Settings, SettingsError, read_settings
from services.kernel.telemetry import AsgiApp, configure_logging
from services.local.privileges import die_with_parent
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
    app: AsgiApp = importlib.import_module(f"services.{service}.main").create_app(settings)
    return app


def run(service: str) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way. Raises SettingsError."""
    import asyncio  # noqa: PLC0415

    import uvloop  # noqa: PLC0415

    settings = prepare(service)
    main = importlib.import_module(f"services.{service}.main")
    if hasattr(main, "serve"):  # ingest listens on two ports
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main.serve(settings))
        return
    import uvicorn  # noqa: PLC0415

    uvicorn.run(main.create_app(settings), port=getattr(settings, f"{service}_port"), **_options(settings))


def run_workers(service: str, workers: int) -> None:
    """Serve with several processes; one that dies is started again. Raises SettingsError."""
    import uvicorn  # noqa: PLC0415

    settings = prepare(service)
    if service == "ingest":
        raise SettingsError("ingest runs as one process: a second one is its standby, not its worker")
    port = getattr(settings, f"{service}_port")
    uvicorn.run(f"services.cli.worker:{service}", factory=True, workers=workers, port=port, **_options(settings))


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
