"""`hiroba bench`: figures of a running hub."""

from pathlib import Path

import click


@click.group()
def bench() -> None:
    """Measure a running hub."""


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
