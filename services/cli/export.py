"""`hiroba export`: entities as the file that they came from."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
@click.option(
    "--path", "service_path", default="/", show_default=True, help="Service path: only entities of this scope"
)
@click.option("--mapping", help="Name of the mapping whose layout the file has (hiroba imports mappings)")
@click.option("--run", type=click.IntRange(1), help="Number of the import whose file is to be written again")
@click.option("--type", "entity_type", help="Type of the entities, if it is not the mapping's")
@click.option("--encoding", type=click.Choice(["utf-8", "utf-8-bom", "cp932"]), default="utf-8-bom", show_default=True)
def export(
    file: Path, tenant: str, service_path: str, mapping: str | None, run: int | None, **more: str | None
) -> None:
    """Write entities to FILE as CSV, in the layout of a mapping or of an imported file."""
    if (mapping is None) == (run is None):
        raise click.UsageError("Say either --mapping or --run")
    place = f"mappings/{quote(mapping, safe='')}" if mapping is not None else f"runs/{run}"
    asked = {"encoding": str(more["encoding"]), **({"type": more["entity_type"]} if more["entity_type"] else {})}

    async def work(settings: "LocalSettings", calls: "Calls") -> bytes:
        url = f"{settings.ingest_url}/exports/{place}"
        headers = {"Fiware-ServicePath": service_path}
        return (await calls.call("GET", url, tenant=tenant, params=asked, headers=headers)).content

    content = call_hub(work)
    file.write_bytes(content)
    click.echo(f"{file} has {len(content):,} bytes")
