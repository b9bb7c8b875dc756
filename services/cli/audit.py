"""`hiroba audit`: the log of what was done and refused."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings


@click.group()
def audit() -> None:
    """Export and verify the audit log. Auth answers at HIROBA_AUTH_URL."""


@audit.command("export")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), default="audit.ndjson")
@click.option("--tenant", help="Only acts on this tenant")
def export_audit(file: Path, tenant: str | None) -> None:
    """Write all records into a file, a line of JSON each."""
    click.echo(f"{_download(file, tenant)} records written to {file}")


@audit.command("verify")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def verify_audit(file: Path | None) -> None:
    """Verify here that no record was changed or taken out: of FILE, or of what auth has now."""
    import tempfile  # noqa: PLC0415

    if file is not None:
        _verify(file)
        return
    with tempfile.TemporaryDirectory() as directory:
        downloaded = Path(directory, "audit.ndjson")
        _download(downloaded)
        _verify(downloaded)


def _download(file: Path, tenant: str | None = None) -> int:
    query = "" if tenant is None else f"?{urlencode({'tenant': tenant})}"

    async def work(settings: "LocalSettings", calls: "Calls") -> int:
        with file.open("wb") as opened:
            return await calls.download(f"{settings.auth_url}/audit/export{query}", opened)

    return call_hub(work)


def _verify(file: Path) -> None:
    import orjson  # noqa: PLC0415

    from services.kernel.audit.chain import faults, record_of  # noqa: PLC0415

    try:
        records = [record_of(orjson.loads(line)) for line in file.read_bytes().splitlines() if line]
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{file} holds something else than audit records") from error
    found = faults(sorted(records, key=lambda record: (record.segment, record.number)))
    for fault in found:
        click.echo(fault)
    if found:
        raise click.ClickException(f"{len(found)} faults in {len(records)} records")
    click.echo(f"{len(records)} records in {len({record.segment for record in records})} segments, none touched")
