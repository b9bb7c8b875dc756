"""`hiroba user`: the people who sign in, and what their roles let them do."""

import sys
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_PAGE = 1000
_ROLES = click.Choice(["administrator", "editor", "viewer", "auditor"])


@click.group()
def user() -> None:
    """Create people, change and list them, give them roles. Auth answers at HIROBA_AUTH_URL."""


@user.command("list")
def list_users() -> None:
    """List the people whom you administer."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        return await _all(settings, calls)

    rows = [("login", "status", "tenant", "name", "user_id")]
    rows += [
        (each["login"], each["status"], each["tenant"] or "-", each["name"] or "", each["user_id"])
        for each in call_hub(work)
    ]
    click.echo(table(rows, indent=""))


@user.command("create")
@click.argument("login")
@click.option("--tenant", help="Where the person belongs; the operator's staff unless given")
@click.option("--name", help="What the person is called")
@click.option("--ial", type=click.IntRange(0, 3), default=0, help="Level of identity proofing")
@click.option("--role", "role", type=_ROLES, help="A role in the tenant, or in the whole installation for staff")
@click.option("--password/--no-password", "asks", default=True, help="Whether a password is asked for")
def create_user(login: str, tenant: str | None, role: str | None, **more: Any) -> None:
    """Create a person who signs in as LOGIN. The password is asked for, or read from a pipe."""
    asks = more.pop("asks")
    given = {"login": login, "tenant": tenant, **more, "password": _password() if asks else None}
    body = {field: value for field, value in given.items() if value is not None}

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        made: dict[str, Any] = (await calls.call("POST", f"{settings.auth_url}/users", json=body)).body
        if role is not None:
            binding = {"role": role, "tenant": tenant, "user_id": made["user_id"]}
            await calls.call("POST", f"{settings.auth_url}/roles", json=binding)
        return made

    click.echo(f"User {call_hub(work)['user_id']} signs in as {login.lower()}")


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """Suspend a person: sessions and tokens end within a second."""
    _change(login, {"status": "suspended"})
    click.echo(f"{login} cannot sign in any more")


@user.command("enable")
@click.argument("login")
def enable_user(login: str) -> None:
    """Let a suspended person sign in again."""
    _change(login, {"status": "active"})
    click.echo(f"{login} can sign in again")


@user.command("set-password")
@click.argument("login")
def set_password(login: str) -> None:
    """Set a person's password, which is asked for or read from a pipe; a lock and all sessions end."""
    _change(login, {"password": _password()})
    click.echo(f"The password of {login} is set")


@user.command("delete")
@click.argument("login")
@click.confirmation_option(prompt="Delete this person, with roles and memberships?")
def delete_user(login: str) -> None:
    """Delete a person."""

    async def work(settings: "LocalSettings", calls: "Calls") -> None:
        found = await _find(settings, calls, login)
        await calls.call("DELETE", f"{settings.auth_url}/users/{found['user_id']}")

    call_hub(work)
    click.echo(f"{login} is deleted")


@user.command("roles")
@click.argument("login")
def list_roles(login: str) -> None:
    """List the roles that a person was given."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
        found = await _find(settings, calls, login)
        bindings = (await calls.call("GET", f"{settings.auth_url}/roles")).body
        return [each for each in bindings if each["user_id"] == found["user_id"]]

    rows = [("role", "tenant", "until", "binding_id")]
    rows += [
        (each["role"], each["tenant"] or "*", each["valid_until"] or "", each["binding_id"]) for each in call_hub(work)
    ]
    click.echo(table(rows, indent=""))


@user.command("grant")
@click.argument("login")
@click.argument("role", type=_ROLES)
@click.option("--tenant", help="Node of the tree of tenants; the whole installation unless given")
def grant_role(login: str, role: str, tenant: str | None) -> None:
    """Give a person ROLE at a tenant and, as far as they let it, those below."""

    async def work(settings: "LocalSettings", calls: "Calls") -> None:
        found = await _find(settings, calls, login)
        binding = {"role": role, "tenant": tenant, "user_id": found["user_id"]}
        await calls.call("POST", f"{settings.auth_url}/roles", json=binding)

    call_hub(work)
    click.echo(f"{login} is {role} in {tenant or 'the whole installation'}")


@user.command("revoke")
@click.argument("binding_id")
def revoke_role(binding_id: str) -> None:
    """Take a role away; `hiroba user roles` tells its BINDING_ID."""

    async def work(settings: "LocalSettings", calls: "Calls") -> None:
        await calls.call("DELETE", f"{settings.auth_url}/roles/{binding_id}")

    call_hub(work)
    click.echo(f"Role {binding_id} is taken away")


def _change(login: str, change: dict[str, Any]) -> None:
    async def work(settings: "LocalSettings", calls: "Calls") -> None:
        found = await _find(settings, calls, login)
        await calls.call("PATCH", f"{settings.auth_url}/users/{found['user_id']}", json=change)

    call_hub(work)


async def _all(settings: "LocalSettings", calls: "Calls") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = {"limit": _PAGE, "offset": len(found)}
        answer = (await calls.call("GET", f"{settings.auth_url}/users", params=page)).body
        found += answer["users"]
        if len(found) >= answer["total"] or not answer["users"]:
            return found


async def _find(settings: "LocalSettings", calls: "Calls", login: str) -> dict[str, Any]:
    """Return the person who signs in as a login, or has it as an identifier."""
    for each in await _all(settings, calls):
        if login.lower() in (each["login"], each["user_id"]):
            return each
    raise click.ClickException(f"You administer nobody who signs in as {login}")


def _password() -> str:
    """Ask for a password twice; a pipe gives it as a line."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
