"""`hiroba deadletters`: notifications that were given up."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from services.cli.calling import call_hub
from services.cli.subscriptions import resend

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_PAGE = 1000


@click.group()
def deadletters() -> None:
    """List and resend notifications that were given up. The context broker answers at HIROBA_BROKER_URL."""


@deadletters.command("list")
@click.argument("subscription_id")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def list_deadletters(subscription_id: str, tenant: str) -> None:
    """List the dead letters of SUBSCRIPTION_ID, oldest first."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        url = f"{settings.broker_url}/deliveries/{quote(subscription_id, safe='')}/dead-letters"
        while True:
            page = {"limit": _PAGE, "offset": len(found)}
            answer = await calls.call("GET", url, tenant=tenant, params=page)
            found += answer.body
            if len(answer.body) < _PAGE:
                return found

    rows = [("number", "due", "what", "entities", "reason")]
    rows += [
        (str(each["number"]), each["created_at"], each["kind"], " ".join(each["entities"]), each["reason"])
        for each in call_hub(work)
    ]
    click.echo(table(rows, indent=""))


@deadletters.command("resend")
@click.argument("subscription_id")
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def resend_deadletters(subscription_id: str, numbers: tuple[int, ...], tenant: str) -> None:
    """Send the dead letters NUMBERS of SUBSCRIPTION_ID again."""
    click.echo(f"{resend(subscription_id, tenant, numbers)} notifications wait again")
