"""`hiroba serve`: one service in this process, as a deployment runs it."""

import click

from services.local.environment import SERVICES


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes on the port")
def serve(service: str, workers: int) -> None:
    """Run one service, told by its environment alone."""
    from services.cli.server import run, run_workers  # noqa: PLC0415
    from services.kernel.settings import SettingsError  # noqa: PLC0415

    try:
        if workers == 1:
            run(service)
        else:
            run_workers(service, workers)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
