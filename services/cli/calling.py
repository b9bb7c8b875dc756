"""How a subcommand calls the hub: settings from the environment, failures in one line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

T = TypeVar("T")


def call_hub(work: "Callable[[LocalSettings, Calls], Awaitable[T]]") -> T:
    """Run some work with the hub's settings and a way to call it. Failures end the command with one line."""
    from services.kernel.settings import SettingsError, read_settings  # noqa: PLC0415
    from services.local.calls import CallFailed, Calls  # noqa: PLC0415
    from services.local.settings import LocalSettings  # noqa: PLC0415

    async def run() -> T:
        settings = read_settings(LocalSettings)
        async with Calls(settings) as calls:
            return await work(settings, calls)

    try:
        return asyncio.run(run())
    except (SettingsError, CallFailed) as error:
        raise click.ClickException(str(error)) from error
