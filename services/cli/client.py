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
    """List, register and change clients. Auth answers at HIROBA_AUTH_URL."""


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


@client.command("disable")
@click.argument("client_id")
def disable_client(client_id: str) -> None:
    """Suspend a program: its tokens end within a second."""
    _change(client_id, "PATCH", "", {"status": "suspended"})
    click.echo(f"Client {client_id} gets no tokens any more")


@client.command("enable")
@click.argument("client_id")
def enable_client(client_id: str) -> None:
    """Let a suspended program get tokens again."""
    _change(client_id, "PATCH", "", {"status": "active"})
    click.echo(f"Client {client_id} gets tokens again")


@client.command("renew-secret")
@click.argument("client_id")
def renew_secret(client_id: str) -> None:
    """Give a program a new secret, shown only now; the old one ends at once."""
    click.echo(f"client_secret  {_change(client_id, 'POST', '/secret', None)['client_secret']}")


@client.command("grant")
@click.argument("client_id")
@click.argument("grants", nargs=-1, metavar="TENANT:ACTIONS[:PATH]...")
def set_grants(client_id: str, grants: tuple[str, ...]) -> None:
    """Say what a program may do from now on, all of it: `hiroba client grant city-map takamatsu:read`."""
    _change(client_id, "PATCH", "", {"grants": [read_grant(text) for text in grants]})
    click.echo(f"Client {client_id} is granted {' '.join(grants) or 'nothing'}")


@client.command("delete")
@click.argument("client_id")
@click.confirmation_option(prompt="Delete this client?")
def delete_client(client_id: str) -> None:
    """Delete a program."""
    _change(client_id, "DELETE", "", None)
    click.echo(f"Client {client_id} is deleted")


def _change(client_id: str, method: str, path: str, body: dict[str, Any] | None) -> Any:
    async def work(settings: "LocalSettings", calls: "Calls") -> Any:
        address = f"{settings.auth_url}/clients/{client_id}{path}"
        return (await (calls.call(method, address) if body is None else calls.call(method, address, json=body))).body

    return call_hub(work)


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
