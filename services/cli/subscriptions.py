"""`hiroba subscriptions`: how the deliveries of a tenant's subscriptions fare."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_PAGE = 1000
_COLUMNS = ("subscription_id", "pending", "parked", "times_sent", "times_failed", "lag_s", "last_failure_reason")


@click.group()
def subscriptions() -> None:
    """List, show and help on subscriptions. The context broker answers at HIROBA_BROKER_URL."""


@subscriptions.command("list")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def list_subscriptions(tenant: str) -> None:
    """List how each subscription's deliveries fare."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = {"limit": _PAGE, "offset": len(found)}
            answer = await calls.call("GET", f"{settings.broker_url}/deliveries", tenant=tenant, params=page)
            found += answer.body
            if len(answer.body) < _PAGE:
                return found

    rows = [("subscription", "pending", "parked", "sent", "failed", "lag s", "last error")]
    rows += [tuple(_word(each[name]) for name in _COLUMNS) for each in call_hub(work)]  # type: ignore[misc]
    click.echo(table(rows, indent=""))


@subscriptions.command("show")
@click.argument("subscription_id")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def show_subscription(subscription_id: str, tenant: str) -> None:
    """Show how the deliveries of SUBSCRIPTION_ID fare."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        url = f"{settings.broker_url}/deliveries/{quote(subscription_id, safe='')}"
        shown: dict[str, Any] = (await calls.call("GET", url, tenant=tenant)).body
        return shown

    shown = call_hub(work)
    click.echo(table([(name, _word(value)) for name, value in shown.items() if value is not None], indent=""))


@subscriptions.command("resend")
@click.argument("subscription_id")
@click.option("--tenant", default="", help="Name of the tenant; the default tenant unless given")
def resend_subscription(subscription_id: str, tenant: str) -> None:
    """Send all dead letters of SUBSCRIPTION_ID again."""
    click.echo(f"{resend(subscription_id, tenant, ())} notifications wait again")


def resend(subscription_id: str, tenant: str, numbers: tuple[int, ...]) -> int:
    """Put dead letters back, all unless numbers are given; return how many."""

    async def work(settings: "LocalSettings", calls: "Calls") -> int:
        url = f"{settings.broker_url}/deliveries/{quote(subscription_id, safe='')}/resend"
        body = {"numbers": list(numbers)} if numbers else {}
        return int((await calls.call("POST", url, tenant=tenant, json=body)).body["resent"])

    return call_hub(work)


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return "" if value is None else str(value)
