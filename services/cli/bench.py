"""`hiroba bench`: figures of the services against what the machine can do, and of a running hub."""

import importlib
from pathlib import Path
from typing import Any

import click


@click.group(invoke_without_command=True)
@click.option("--quick", is_flag=True, help="A short run on a tenth of the data")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures to this file")
@click.option("--only", multiple=True, help="Only scenarios of this name")
@click.pass_context
def bench(context: click.Context, path: Path | None, only: tuple[str, ...], *, quick: bool) -> None:
    """Measure the context broker against the bare limit, on a PostgreSQL of its own; with a COMMAND something else."""
    if context.invoked_subcommand is None:
        _load("bench.run").report(quick=quick, names=list(only), path=path)


def _load(name: str) -> Any:
    """Import a module of the benchmarks, which come with the sources and not with the installed package."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "bench":
            raise
        message = "The benchmarks come with the sources: run this where the repository is checked out and installed"
        raise click.ClickException(message) from error


@bench.command("notifications")
@click.option("--quick", is_flag=True, help="A fifth of the time")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures to this file")
@click.option("--only", multiple=True, help="Only this scenario")
def bench_notifications(path: Path | None, only: tuple[str, ...], *, quick: bool) -> None:
    """Measure how soon subscribers hear of updates, and how many."""
    _load("bench.notifications").report(quick=quick, names=list(only), path=path)


@bench.command("memory")
@click.option("--data-dir", type=click.Path(path_type=Path), help="The hub's data directory (.hiroba)")
def bench_memory(data_dir: Path | None) -> None:
    """Measure what a hub started with `hiroba up` takes of memory (proportional set size)."""
    from services.kernel.settings import Settings, SettingsError, read_settings  # noqa: PLC0415
    from services.local.memory import PARTS, NotMeasurable, measure, total  # noqa: PLC0415
    from services.local.screen import table  # noqa: PLC0415

    try:
        sizes = measure(data_dir or read_settings(Settings).data_dir)
    except (NotMeasurable, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    rows = [("part", "MB"), *((part, f"{sizes[part]:.0f}") for part in PARTS), ("together", f"{total(sizes):.0f}")]
    rows.append(("supervisor and demo", f"{sizes['beside']:.0f}"))
    click.echo(table(rows, indent=""))
