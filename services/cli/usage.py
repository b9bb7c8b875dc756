"""`hiroba usage`: what tenants use."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_PAGE = 1000


@click.command()
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; may be repeated")
@click.option("--client", help="Only this client")
@click.option("--kind", help="Only these kinds, with commas between: interactive,batch,entities …")
@click.option("--since", metavar="DAY", help="First day in Japan; 30 days before the last unless given")
@click.option("--until", metavar="DAY", help="Last day; today unless given")
@click.option("--by", default="tenant", show_default=True, help="Sums by day or month, tenant, client, service")
@click.option("--csv", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write a CSV file instead")
def usage(file: Path | None, **given: Any) -> None:
    """Show requests, measures, notifications and what is kept, a sum a line. Auth answers at HIROBA_AUTH_URL."""
    from services.local.screen import table  # noqa: PLC0415

    asked = {name: value for name, value in given.items() if value and name != "tenants"}
    asked["tenant"] = list(given["tenants"])
    if file is not None:
        file.write_text(_csv(asked), encoding="utf-8", newline="")
        click.echo(f"Written to {file}")
        return
    by = [name.strip() for name in given["by"].split(",") if name.strip()]
    lines = _lines(asked)
    rows = [
        (*by, "kind", "amount"),
        *((*(_shown(each, name) for name in by), each["kind"], _number(each)) for each in lines),
    ]
    click.echo(table(rows, indent="") if lines else "Nothing was used in these days")


def _lines(asked: dict[str, Any]) -> list[dict[str, Any]]:
    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = {**asked, "limit": _PAGE, "offset": len(found)}
            answer = await calls.call("GET", f"{settings.auth_url}/usage", params=page)
            found += answer.body["usage"]
            if len(found) >= answer.body["total"] or not answer.body["usage"]:
                return found

    return call_hub(work)


def _csv(asked: dict[str, Any]) -> str:
    async def work(settings: "LocalSettings", calls: "Calls") -> str:
        answer = await calls.call("GET", f"{settings.auth_url}/usage", params={**asked, "format": "csv"})
        return str(answer.body)

    return call_hub(work)


def _shown(line: dict[str, Any], name: str) -> str:
    if name == "tenant":
        return line["tenant"] or "(default)"
    return str(line.get(name) or "-")


def _number(line: dict[str, Any]) -> str:
    return f"{line['amount']:,}"
