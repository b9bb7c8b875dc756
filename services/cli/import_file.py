"""`hiroba import`: files of a city as entities."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_POLL_S = 0.5
_SHOWN = 8
Options = dict[str, str]


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
@click.option("--path", "service_path", default="/", show_default=True, help="Service path: the entities' scope")
@click.option("--type", "entity_type", help="Type of the entities, where file and columns do not tell")
@click.option("--mapping", help="Name of a mapping (hiroba imports mappings)")
@click.option("--feed", help="Name of a feed, as gtfs-jp")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="Something a feed wants to know")
@click.option("--sheet", help="Name or number of a spreadsheet's sheet")
@click.option("--encoding", help="Encoding, where it is not found out rightly")
@click.option("--datum", type=click.Choice(["world", "tokyo"]), help="Datum of the coordinates")
@click.option("--strict", is_flag=True, help="Refuse rows that need a repair, and files that no mapping fits")
@click.option("--dry-run", is_flag=True, help="Report what would be done, and write nothing")
def import_file(files: tuple[Path, ...], tenant: str, service_path: str, **more: Any) -> None:
    """Import FILES (CSV, XLSX, …) as entities; the same again updates them. Ingest answers at HIROBA_INGEST_URL."""
    asked = _asked(more)
    contents = {file.name: file.read_bytes() for file in files}

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        place = _Place(f"{settings.ingest_url}/imports", tenant, service_path)
        return [await _import(calls, place, {**asked, "name": name}, contents[name]) for name in contents]

    runs = call_hub(work)
    if any(run["status"] in ("failed", "stopped") for run in runs):
        raise click.ClickException("Not every file was imported")


class _Place:
    def __init__(self, url: str, tenant: str, service_path: str) -> None:
        self.url = url
        self.tenant = tenant
        self.headers = {"Fiware-ServicePath": service_path, "Content-Type": "application/octet-stream"}


def _asked(more: dict[str, Any]) -> dict[str, Any]:
    asked = {name: more[name] for name in ("mapping", "feed", "sheet", "encoding", "datum") if more[name]}
    asked |= {"type": more["entity_type"]} if more["entity_type"] else {}
    asked |= {name: "true" for name in ("strict", "dry_run") if more[name]}
    return {**asked, "option": list(more["options"])} if more["options"] else asked


async def _import(calls: "Calls", place: _Place, asked: dict[str, Any], content: bytes) -> dict[str, Any]:
    parameters = {**asked, "wait_s": "0"}
    answer = await calls.call(
        "POST", place.url, tenant=place.tenant, params=parameters, headers=place.headers, content=content
    )
    run: dict[str, Any] = answer.body
    if "dry_run" in asked:
        run = {"id": 0, "status": "tried", "report": run}
    while run["status"] == "running":
        _show_progress(asked["name"], run)
        await asyncio.sleep(_POLL_S)
        run = (await calls.call("GET", f"{place.url}/{run['id']}", tenant=place.tenant)).body
    click.echo("\n".join(told(asked["name"], run)))
    return run


def _show_progress(name: str, run: dict[str, Any]) -> None:
    if sys.stderr.isatty():
        size = run["report"]["size"]
        of = f" of {size:,}" if size else ""
        click.echo(f"\r{name}: {run['report']['rows']:,}{of} rows ", err=True, nl=False)


def told(name: str, run: dict[str, Any]) -> list[str]:
    """Say in some lines what became of a file."""
    report = run["report"]
    refused = sum(each["count"] for each in report["refused"])
    number = f" (run {run['id']})" if run["id"] else ""
    lines = [
        f"{name}: {report['rows']:,} rows: {report['accepted']:,} accepted ({report['created']:,} new), "
        f"{report['empty']['count']:,} empty, {refused:,} refused",
        f"  {_what(report)}: {run['status']}{number}",
    ]
    if report["error"]:
        lines.append(f"  error: {report['error']}")
    lines += [f"  warning: {each}" for each in report["warnings"]]
    lines += [f"  repaired {each['count']:,} × {each['rule']}: {_meaning(each)}" for each in report["repaired"]]
    lines += [
        f"  refused {each['count']:,} × {each['reason']}: {_meaning(each)} (row {_listed(each['rows'])})"
        for each in report["refused"]
    ]
    if report["guessed"]:
        lines.append("  columns: " + ", ".join(f"{each['column']} → {each['attribute']}" for each in report["guessed"]))
    if refused and run["id"]:
        lines.append(f"  hiroba imports refused {run['id']} --to FILE writes the refused rows")
    return lines


def _meaning(each: dict[str, Any]) -> str:
    """Say what a repair or a refusal means, in Japanese where the terminal's language is."""
    told = str(each["detail"] if "detail" in each else each["description"])
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not language.startswith("ja") or not each["description_ja"]:
        return told
    return f"{each['description_ja']}: {told}" if "detail" in each else str(each["description_ja"])


def _what(report: dict[str, Any]) -> str:
    if report["feed"]:
        return f"{report['type']}, feed {report['feed']}"
    read = f"sheet {report['sheet']}" if report["sheet"] else report["encoding"]
    return f"{report['type']}, mapping {report['mapping']}, {read}, named by {report['named_by']}"


def _listed(rows: list[int]) -> str:
    more = "…" if len(rows) > _SHOWN else ""
    return ", ".join(str(row) for row in rows[:_SHOWN]) + more
