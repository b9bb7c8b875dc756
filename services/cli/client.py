"""`hiroba client`: the programs that call the hub with a secret."""

from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_PAGE = 1000


@click.group()
def client() -> None:
    """List and register clients. Auth answers at HIROBA_AUTH_URL."""


@client.command("list")
def list_clients() -> None:
    """List the clients that you may administer."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = {"limit": _PAGE, "offset": len(found)}
            answer = await calls.call("GET", f"{settings.auth_url}/clients", params=page)
            found += answer.body["clients"]
            if len(found) >= answer.body["total"] or not answer.body["clients"]:
                return found

    rows = [("client", "status", "grants", "title")]
    rows += [(each["client_id"], each["status"], _grants(each), each["title"] or "") for each in call_hub(work)]
    click.echo(table(rows, indent=""))


@client.command("create")
@click.argument("client_id", required=False)
@click.option("--title", help="What the program is")
@click.option(
    "--grant",
    "grants",
    multiple=True,
    metavar="TENANT:ACTIONS[:PATH]",
    help="What it may do, like takamatsu:read,write or '*:read:/parks/#'; may be repeated",
)
def create_client(client_id: str | None, title: str | None, grants: tuple[str, ...]) -> None:
    """Register a program, and print its secret, which is shown only now."""
    body = {"client_id": client_id, "title": title, "grants": [read_grant(text) for text in grants]}

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        body_given = {field: value for field, value in body.items() if value is not None}
        made: dict[str, Any] = (await calls.call("POST", f"{settings.auth_url}/clients", json=body_given)).body
        return made

    made = call_hub(work)
    click.echo(f"client_id      {made['client_id']}\nclient_secret  {made['client_secret']}")


def read_grant(text: str) -> dict[str, object]:
    """Read `tenant:action,action` or `tenant:action,action:/path/#`. Raises BadParameter."""
    tenant, _, rest = text.partition(":")
    actions, _, path = rest.partition(":")
    if not actions:
        raise click.BadParameter(f"A grant is TENANT:ACTIONS[:PATH], not '{text}'")
    return {"tenant": tenant, "actions": actions.split(","), "path": path or "/#"}


def _grants(client: dict[str, Any]) -> str:
    words = [f"{grant['tenant']}:{','.join(grant['actions'])}:{grant['path']}" for grant in client["grants"]]
    return " ".join(word.removesuffix(":/#") for word in words)
