"""`hiroba index`: the attributes that a tenant queries by their value."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings


@click.group()
def index() -> None:
    """List, declare and drop attribute indexes. The context broker answers at HIROBA_BROKER_URL."""


@index.command("list")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def list_indexes(tenant: str) -> None:
    """List the indexes of a tenant, and whether all values are in."""
    from services.local.screen import table  # noqa: PLC0415

    rows = [("attribute", "ready")]
    rows += [(each["attribute"], "yes" if each["is_ready"] else "no") for each in _call("GET", "", tenant)]
    click.echo(table(rows, indent=""))


@index.command("declare")
@click.argument("attribute")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def declare_index(attribute: str, tenant: str) -> None:
    """Let queries find entities by the value of ATTRIBUTE, a name or an IRI."""
    _call("PUT", f"/{quote(attribute, safe='')}", tenant)
    click.echo(f"Queries use the index on {attribute} as soon as its values are in (hiroba index list)")


@index.command("drop")
@click.argument("attribute")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def drop_index(attribute: str, tenant: str) -> None:
    """Forget the index on ATTRIBUTE."""
    _call("DELETE", f"/{quote(attribute, safe='')}", tenant)
    click.echo(f"There is no index on {attribute} any more")


def _call(method: str, path: str, tenant: str) -> Any:
    async def work(settings: "LocalSettings", calls: "Calls") -> Any:
        return (await calls.call(method, f"{settings.broker_url}/indexes{path}", tenant=tenant)).body

    return call_hub(work)
