"""`hiroba harvest`: other catalogues whose data sets are shown in ours."""

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_TENANT = click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
_COUNTS = ("seen", "created", "updated", "unchanged", "skipped", "refused", "withdrawn")


@click.group()
def harvest() -> None:
    """Read other catalogues. The catalogue answers at HIROBA_CATALOG_URL."""


@harvest.command("list")
@_TENANT
def list_sources(tenant: str) -> None:
    """List the sources of a tenant."""
    from services.local.screen import table  # noqa: PLC0415

    rows = [("source", "protocol", "address", "every s", "next")]
    rows += [
        (each["name"], each["protocol"], each["url"], str(each["every_s"] or "-"), each["next_at"] or "-")
        for each in _call("GET", "", tenant)
    ]
    click.echo(table(rows, indent=""))


@harvest.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--protocol", type=click.Choice(["ckan", "dcat", "data.json"]), default="ckan", show_default=True)
@click.option("--every", "every_s", type=int, default=None, help="Seconds between two readings; once unless given")
@click.option("--query", default="", help="For ckan: an fq that narrows what is read")
@click.option("--unit", default="/", help="Service path of the department that looks after the data sets")
@_TENANT
def add_source(name: str, url: str, tenant: str, **options: Any) -> None:
    """Add the catalogue at URL as NAME, or change it; it is read at once."""
    _call("PUT", f"/{quote(name, safe='')}", tenant, {"url": url, **options})
    click.echo(f"{name} is read soon; see: hiroba harvest runs {name}")


@harvest.command("remove")
@click.argument("name")
@_TENANT
def remove_source(name: str, tenant: str) -> None:
    """Forget the source NAME; its data sets stay."""
    _call("DELETE", f"/{quote(name, safe='')}", tenant)
    click.echo(f"{name} is forgotten")


@harvest.command("run")
@click.argument("name")
@click.option("--wait", is_flag=True, help="Wait until the run has ended")
@_TENANT
def run_source(name: str, tenant: str, *, wait: bool) -> None:
    """Read the source NAME now."""
    place = f"/{quote(name, safe='')}/runs"
    before = [each["id"] for each in _call("GET", place, tenant) if each["state"] != "running"]
    _call("POST", place, tenant)
    while wait:
        latest = _call("GET", place, tenant)
        if latest and latest[0]["id"] not in before and latest[0]["state"] != "running":
            break
        time.sleep(1)
    _show(_call("GET", place, tenant)[:1])


@harvest.command("runs")
@click.argument("name")
@_TENANT
def list_runs(name: str, tenant: str) -> None:
    """List how the readings of the source NAME went, the latest first."""
    _show(_call("GET", f"/{quote(name, safe='')}/runs", tenant))


def _show(runs: list[dict[str, Any]]) -> None:
    from services.local.screen import table  # noqa: PLC0415

    rows = [("run", "state", "started", *_COUNTS, "note")]
    rows += [
        (
            str(each["id"]),
            each["state"],
            each["started_at"],
            *(str(each["counts"].get(name, 0)) for name in _COUNTS),
            each["note"] or "",
        )
        for each in runs
    ]
    click.echo(table(rows, indent=""))
    for each in runs[:1]:
        for error in each["errors"]:
            click.echo(f"refused {error['remote_id']}: {error['message']}")


def _call(method: str, place: str, tenant: str, body: object = None) -> Any:
    async def work(settings: "LocalSettings", calls: "Calls") -> Any:
        url = f"{settings.catalog_url}/harvest/sources{place}"
        more: dict[str, Any] = {} if body is None else {"json": body}
        return (await calls.call(method, url, tenant=tenant, **more)).body

    return call_hub(work)
