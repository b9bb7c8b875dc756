"""`hiroba demo`: open data of Takamatsu, river gauges of Fukui through MQTT, and who is told of alerts."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from services.local.settings import LocalSettings


@click.group()
def demo() -> None:
    """Load the demo's data, replay days of river levels, receive notifications."""


@demo.command("load")
def load_demo() -> None:
    """Load both cities into a running hub; doing it again changes nothing."""
    import asyncio  # noqa: PLC0415

    from services.local.calls import CallFailed  # noqa: PLC0415
    from services.local.demo.play import load  # noqa: PLC0415

    try:
        asyncio.run(load(_settings()))
    except CallFailed as error:
        raise click.ClickException(str(error)) from error


@demo.command("replay")
@click.option("--day", help="Day to replay; the flood of 2023-07-13 unless given")
@click.option("--all", "all_days", is_flag=True, help="Replay all six days")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="How many times as fast as it was (600)")
@click.option("--fast", is_flag=True, help="Publish as fast as the MQTT broker takes it")
@click.option("--wait", is_flag=True, help="Return when the context broker shows what was sent")
def replay_demo(day: str | None, speed: float | None, *, all_days: bool, fast: bool, wait: bool) -> None:
    """Publish readings of Fukui's river gauges as their devices would, with QoS 1."""
    from services.local.calls import CallFailed  # noqa: PLC0415
    from services.local.demo.files import FLOOD_DAY, days  # noqa: PLC0415
    from services.local.demo.play import await_days, replay_days  # noqa: PLC0415
    from services.local.demo.replay import ReplayFailed  # noqa: PLC0415

    if day is not None and day not in days():
        raise click.BadParameter(f"There are readings of {', '.join(sorted(days()))}", param_hint="--day")
    wanted = sorted(days()) if all_days else [day or FLOOD_DAY]
    try:
        replay_days(_settings(), wanted, None if fast else speed or 600)
        if wait:
            await_days(_settings(), wanted)
    except (ReplayFailed, CallFailed) as error:
        raise click.ClickException(str(error)) from error


@demo.command("receive")
@click.option("--port", type=click.IntRange(0, 65535), help="Port on loopback (8090)")
def receive_demo(port: int | None) -> None:
    """Receive notifications, a line each; GET /notifications shows the last ones."""
    from services.local.demo.receiver import Receiver  # noqa: PLC0415
    from services.local.stopping import StopRequested, stop_signals  # noqa: PLC0415

    with stop_signals():
        try:
            receiver = Receiver(_settings().demo_receiver_port if port is None else port)
            click.echo(f"Receiving at http://127.0.0.1:{receiver.server_port}/notify")
            receiver.serve_forever()
        except OSError as error:
            raise click.ClickException(f"The port cannot be used: {error.strerror}") from error
        except StopRequested:
            receiver.server_close()


@demo.command("run", hidden=True)
def run_demo() -> None:
    """Load, replay the flood day at once, go on at leisure: what `hiroba up` does."""
    from services.local.calls import CallFailed  # noqa: PLC0415
    from services.local.demo.play import run  # noqa: PLC0415
    from services.local.demo.replay import ReplayFailed  # noqa: PLC0415
    from services.local.stopping import StopRequested, stop_signals  # noqa: PLC0415

    with stop_signals():
        try:
            run(_settings())
        except (CallFailed, ReplayFailed) as error:
            raise click.ClickException(str(error)) from error
        except StopRequested:
            return


def _settings() -> "LocalSettings":
    from services.kernel.settings import SettingsError, read_settings  # noqa: PLC0415
    from services.local.settings import LocalSettings  # noqa: PLC0415

    try:
        return read_settings(LocalSettings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
