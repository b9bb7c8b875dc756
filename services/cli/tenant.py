"""`hiroba tenant`: the municipalities that share the hub."""

from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_FIELDS = ("name", "kind", "status", "code", "title", "title_en", "parent", "population", "default_context")
_PAGE = 1000


@click.group()
def tenant() -> None:
    """List, create and show tenants. Auth answers at HIROBA_AUTH_URL."""


@tenant.command("list")
def list_tenants() -> None:
    """List the tenants by name."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = {"limit": _PAGE, "offset": len(found)}
            answer = await calls.call("GET", f"{settings.auth_url}/tenants", params=page)
            found += answer.body["tenants"]
            if len(found) >= answer.body["total"] or not answer.body["tenants"]:
                return found

    rows = [("name", "code", "kind", "parent", "status", "title")]
    for each in call_hub(work):
        rows.append(tuple(str(each[field] or "") for field in rows[0]))  # type: ignore[arg-type]
    click.echo(table(rows, indent=""))


@tenant.command("create")
@click.argument("name")
@click.option("--code", help="全国地方公共団体コード, six digits; it fills in kind and title")
@click.option("--parent", help="Name of the tenant above it")
@click.option("--title", help="Name in Japanese")
@click.option("--title-en", help="Name in English")
@click.option("--kind", help="prefecture, municipality, association or other")
@click.option("--population", type=int, help="Inhabitants")
def create_tenant(name: str, **given: object) -> None:
    """Create the tenant NAME, or change the given fields of the one there is."""
    body = {field: value for field, value in given.items() if value is not None}

    async def work(settings: "LocalSettings", calls: "Calls") -> tuple[int, dict[str, Any]]:
        answer = await calls.call("PUT", f"{settings.auth_url}/tenants/{name}", json=body)
        return answer.status, answer.body

    status, made = call_hub(work)
    click.echo(f"{'Created' if status == 201 else 'Kept'} {made['name']} ({_words(made)})")


@tenant.command("show")
@click.argument("name")
def show_tenant(name: str) -> None:
    """Show the tenant NAME."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        body: dict[str, Any] = (await calls.call("GET", f"{settings.auth_url}/tenants/{name}")).body
        return body

    shown = call_hub(work)
    click.echo(table([(field, str(shown[field])) for field in _FIELDS if shown[field] is not None], indent=""))


def _words(made: dict[str, Any]) -> str:
    return ", ".join(str(made[field]) for field in ("kind", "code", "title") if made[field])
