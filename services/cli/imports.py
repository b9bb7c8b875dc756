"""`hiroba imports`: runs of imports, their refused rows, and the mappings there are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from services.cli.calling import call_hub
from services.cli.import_file import told

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_tenant = click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
_run = click.argument("run", type=click.IntRange(1))


@click.group()
def imports() -> None:
    """List runs of imports, correct refused rows, keep mappings. Ingest answers at HIROBA_INGEST_URL."""


@imports.command("list")
@_tenant
@click.option("--search", default="", help="Part of file name, title, type, mapping, feed or connector")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def list_runs(tenant: str, search: str, limit: int) -> None:
    """List runs, newest first."""
    from services.local.screen import table  # noqa: PLC0415

    asked = {"limit": str(limit), **({"q": search} if search else {})}
    rows = [("run", "started", "status", "file", "type", "rows", "accepted", "refused")]
    for each in _call("GET", "", tenant, params=asked)["runs"]:
        report = each["report"]
        refused = sum(one["count"] for one in report["refused"])
        name = report["file_name"] or report["connector"] or report["feed"]
        counts = (report["rows"], report["accepted"], refused)
        rows.append((str(each["id"]), each["started_at"][:19], each["status"], name, report["type"], *map(str, counts)))
    click.echo(table(rows, indent=""))


@imports.command("show")
@_run
@_tenant
def show_run(run: int, tenant: str) -> None:
    """Show the report of RUN."""
    found = _call("GET", f"/{run}", tenant)
    click.echo("\n".join(told(found["report"]["file_name"] or f"run {run}", found)))


@imports.command("refused")
@_run
@_tenant
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write")
def write_refused(run: int, tenant: str, file: Path) -> None:
    """Write the rows that RUN refused as CSV, in the layout of their file, with the reasons."""
    text: str = _call("GET", f"/{run}/refused.csv", tenant)
    file.write_text(text, encoding="utf-8", newline="")
    click.echo(f"Correct {file} and send it with: hiroba imports resend {run} {file}")


@imports.command("resend")
@_run
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_tenant
def resend(run: int, file: Path, tenant: str) -> None:
    """Send the corrected rows in FILE to RUN again."""
    done = _call("POST", f"/{run}/refused", tenant, content=file.read_bytes(), headers={"Content-Type": "text/csv"})
    click.echo(f"{done['accepted']} of {done['sent']} rows are accepted now, {done['refused']} refused again")


@imports.command("stop")
@_run
@_tenant
def stop(run: int, tenant: str) -> None:
    """Stop RUN where it is."""
    click.echo(f"Run {run} is {_call('POST', f'/{run}/stop', tenant)['status']}")


@imports.command("mappings")
@_tenant
def list_mappings(tenant: str) -> None:
    """List the kinds of files that are known, a tenant's own first."""
    from services.local.screen import table  # noqa: PLC0415

    rows = [("mapping", "type", "own", "title")]
    found = _call("GET", "/mappings", tenant)
    rows += [(each["name"], each["type"], "yes" if each["is_own"] else "no", each["title"]) for each in found]
    click.echo(table(rows, indent=""))


@imports.command("mapping")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_tenant
@click.option("--delete", "is_deleted", is_flag=True, help="Delete the tenant's own mapping")
def mapping(name: str, file: Path | None, tenant: str, *, is_deleted: bool) -> None:
    """Show the mapping NAME; with FILE (JSON) store it as the tenant's own."""
    place = f"/mappings/{quote(name, safe='')}"
    if is_deleted:
        _call("DELETE", place, tenant)
        click.echo(f"Mapping {name} is deleted")
    elif file is None:
        click.echo(json.dumps(_call("GET", place, tenant), ensure_ascii=False, indent=2))
    else:
        _call("PUT", place, tenant, content=file.read_bytes(), headers={"Content-Type": "application/json"})
        click.echo(f"Mapping {name} is stored")


def _call(method: str, path: str, tenant: str, **more: Any) -> Any:
    async def work(settings: "LocalSettings", calls: "Calls") -> Any:
        return (await calls.call(method, f"{settings.ingest_url}/imports{path}", tenant=tenant, **more)).body

    return call_hub(work)
