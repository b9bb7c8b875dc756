"""`hiroba tenant`: the municipalities that share the hub."""

import asyncio
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.settings import LocalSettings

_FIELDS = (
    "name",
    "kind",
    "status",
    "code",
    "title",
    "title_en",
    "parent",
    "population",
    "billing_party",
    "default_context",
    "quotas",
    "retention",
    "inherits",
    "device_keys",
)
Command = Callable[..., None]
_PAGE = 1000


@click.group()
def tenant() -> None:
    """List, create, change, export and delete tenants. Auth answers at HIROBA_AUTH_URL."""


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


def _with_fields(command: "Command") -> "Command":
    """Let a command take the fields of a tenant."""
    for option in (
        click.option("--code", help="全国地方公共団体コード, six digits; it fills in kind and title"),
        click.option("--parent", help="Name of the tenant above it"),
        click.option("--title", help="Name in Japanese"),
        click.option("--title-en", help="Name in English"),
        click.option("--kind", help="prefecture, municipality, association or other"),
        click.option("--population", type=int, help="Inhabitants"),
        click.option("--billing-party", help="Name of the tenant that pays for it; itself unless given"),
        click.option("--default-context", help="URL of the @context for what is written without one"),
        click.option("--quota", "quotas", multiple=True, metavar="NAME=N", help="A limit; all of them, repeated"),
        click.option("--keep", "retention", multiple=True, metavar="NAME=DAYS", help="How long something is kept"),
        click.option("--device-keys", type=click.Choice(["optional", "required"]), help="Whether devices show one"),
        click.option("--inherits", help="What grants over a subtree above may do in it, like read,subscribe"),
    ):
        command = option(command)
    return command


@tenant.command("create")
@click.argument("name")
@_with_fields
def create_tenant(name: str, **given: Any) -> None:
    """Create the tenant NAME, or change the given fields of the one there is."""
    status, made = _send("PUT", name, _fields(given))
    click.echo(f"{'Created' if status == 201 else 'Kept'} {made['name']} ({_words(made)})")


@tenant.command("change")
@click.argument("name")
@_with_fields
@click.option("--clear", multiple=True, metavar="FIELD", help="A field to take away, like parent; may be repeated")
def change_tenant(name: str, clear: tuple[str, ...], **given: Any) -> None:
    """Change the given fields of the tenant NAME, at once and without a restart."""
    _, made = _send("PATCH", name, {**_fields(given), **dict.fromkeys(clear)})
    click.echo(f"Changed {made['name']} ({_words(made)})")


@tenant.command("suspend")
@click.argument("name")
def suspend_tenant(name: str) -> None:
    """Make the tenant NAME unusable in every service, within a second. Nothing is lost."""
    _send("PATCH", name, {"status": "suspended"})
    click.echo(f"Suspended {name}")


@tenant.command("resume")
@click.argument("name")
def resume_tenant(name: str) -> None:
    """Make a suspended tenant usable again."""
    _send("PATCH", name, {"status": "active"})
    click.echo(f"Resumed {name}")


@tenant.command("show")
@click.argument("name")
def show_tenant(name: str) -> None:
    """Show the tenant NAME."""
    from services.local.screen import table  # noqa: PLC0415

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        body: dict[str, Any] = (await calls.call("GET", f"{settings.auth_url}/tenants/{name}")).body
        return body

    shown = call_hub(work)
    click.echo(table([(field, str(shown[field])) for field in _FIELDS if shown[field]], indent=""))


@tenant.command("export")
@click.argument("name")
@click.option(
    "--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="The ZIP file; NAME.zip unless given"
)
def export_tenant(name: str, file: Path | None) -> None:
    """Write all that every service keeps of the tenant NAME into a ZIP file: a line of JSON for each row.

    It holds auth.ndjson, broker.ndjson, catalog.ndjson and ingest.ndjson.
    """
    target = file or Path(f"{name}.zip")

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, int]:
        lines = {}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for service in ("auth", "broker", "catalog", "ingest"):
                url = getattr(settings, f"{service}_url")
                with archive.open(f"{service}.ndjson", "w", force_zip64=True) as member:
                    lines[service] = await calls.download(f"{url}/tenants/{name}/export", member)
        return lines

    for service, count in call_hub(work).items():
        click.echo(f"{service:8} {count} rows")
    click.echo(f"Written to {target}")


@tenant.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask")
@click.option("--wait-s", default=60.0, help="How long to wait until it is gone, seconds")
def delete_tenant(name: str, *, yes: bool, wait_s: float) -> None:
    """Delete the tenant NAME with all its data in every service, for good. Export it first."""
    if not yes:
        click.confirm(f"Delete {name} with all its data in every service, for good?", abort=True)

    async def work(settings: "LocalSettings", calls: "Calls") -> dict[str, Any]:
        url = f"{settings.auth_url}/tenants/{name}"
        state: dict[str, Any] = (await calls.call("DELETE", url)).body
        deadline = time.monotonic() + wait_s
        while state["status"] != "deleted" and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            state = (await calls.call("GET", f"{url}/deletion")).body
        return state

    state = call_hub(work)
    for service, count in state["rows"].items():
        click.echo(f"{service:8} {count} rows deleted")
    if state["status"] != "deleted":
        raise click.ClickException(f"{name} is closed; not confirmed yet by {', '.join(state['awaited'])}")
    click.echo(f"Deleted {name}")


def _send(method: str, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    async def work(settings: "LocalSettings", calls: "Calls") -> tuple[int, dict[str, Any]]:
        answer = await calls.call(method, f"{settings.auth_url}/tenants/{name}", json=body)
        return answer.status, answer.body

    return call_hub(work)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = {field: value for field, value in given.items() if value not in (None, ())}
    for field in {"quotas", "retention"} & fields.keys():
        fields[field] = dict(map(_read_figure, fields[field]))
    if "inherits" in fields:
        fields["inherits"] = [action for action in fields["inherits"].split(",") if action]
    return fields


def _read_figure(text: str) -> tuple[str, int]:
    name, _, figure = text.partition("=")
    if not figure.isdigit():
        raise click.BadParameter(f"It must be NAME=NUMBER, not '{text}'")
    return name, int(figure)


def _words(made: dict[str, Any]) -> str:
    return ", ".join(str(made[field]) for field in ("kind", "code", "title") if made[field])
