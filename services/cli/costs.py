"""`hiroba costs`: invoices shared between the members of the hub."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Answer, Calls
    from services.local.settings import LocalSettings

_File = click.Path(path_type=Path, exists=True, dir_okay=False)
_Out = click.Path(path_type=Path, dir_okay=False)


@click.group()
def costs() -> None:
    """Share invoices by plans, try out changes, print statements. Auth answers at HIROBA_AUTH_URL."""


@costs.command("presets")
def show_presets() -> None:
    """Print the rules of the schemes in use, to be put into a plan."""
    click.echo(_written(_call("GET", "presets").body))


@costs.command("plan")
@click.argument("name")
@click.argument("file", required=False, type=_File)
@click.option("--preset", help="Take the rules of a scheme: tochigi, fukushima, tottori or harp")
def keep_plan(name: str, file: Path | None, preset: str | None) -> None:
    """Keep the plan in FILE (JSON) under NAME; without a file print the plan."""
    if file is None:
        click.echo(_written(_call("GET", f"plans/{name}").body))
        return
    plan = _read(file)
    if preset is not None:
        known = _call("GET", "presets").body
        if preset not in known:
            raise click.BadParameter(f"There is no scheme {preset}: {', '.join(known)}", param_hint="--preset")
        plan["rules"] = known[preset]
    _call("PUT", f"plans/{name}", json=plan)
    click.echo(f"Plan {name} is kept: {len(plan.get('members', []))} members")


@costs.command("invoice")
@click.argument("number")
@click.argument("file", type=_File)
def keep_invoice(number: str, file: Path) -> None:
    """Keep the invoice in FILE (JSON) under NUMBER."""
    kept = _call("PUT", f"invoices/{number}", json=_read(file)).body
    click.echo(f"Invoice {number} is kept: {kept['yen_total']:,} yen")


@costs.command("list")
def list_invoices() -> None:
    """List the invoices."""
    from services.local.screen import table  # noqa: PLC0415

    rows = [("number", "plan", "since", "until", "yen", "settled", "title")]
    for each in _call("GET", "invoices").body:
        days = (each["since"], each["until"])
        settled = (each["settled_at"] or "-")[:10]
        rows.append((each["number"], each["plan"], *days, f"{each['yen_total']:,}", settled, each["title"]))
    click.echo(table(rows, indent=""))


@costs.command("shares")
@click.argument("number")
@click.option("--csv", "file", type=_Out, help="Write every figure into a CSV file instead")
def show_shares(number: str, file: Path | None) -> None:
    """Show who bears what of an invoice."""
    if file is not None:
        answer = _call("GET", f"invoices/{number}/shares", params={"format": "csv"})
        file.write_text(answer.body, encoding="utf-8", newline="")
        click.echo(f"Written to {file}")
        return
    _show(_call("GET", f"invoices/{number}/shares").body)


@costs.command("settle")
@click.argument("number")
def settle_invoice(number: str) -> None:
    """Divide an invoice for good."""
    _show(_call("POST", f"invoices/{number}/settle").body)


@costs.command("what-if")
@click.argument("number")
@click.argument("file", type=_File)
def try_out(number: str, file: Path) -> None:
    """Show what everybody would bear after the change in FILE (JSON): joining, leaving, costs."""
    from services.local.screen import table  # noqa: PLC0415

    found = _call("POST", f"invoices/{number}/what-if", json=_read(file)).body
    rows = [("tenant", "now", "then", "difference")]
    for name, difference in found["difference"].items():
        now, then = found["before"].get(name, 0), found["after"].get(name, 0)
        rows.append((name, f"{now:,}", f"{then:,}", f"{difference:+,}"))
    click.echo(table(rows, indent=""))


@costs.command("statement")
@click.argument("number")
@click.argument("tenant")
@click.option("--to", "file", type=_Out, required=True, help="The HTML file to write")
def print_statement(number: str, tenant: str, file: Path) -> None:
    """Write a tenant's statement, an HTML page in Japanese to be printed on A4."""
    page = _call("GET", f"invoices/{number}/statements/{tenant}").body
    file.write_text(page, encoding="utf-8")
    click.echo(f"Written to {file}")


def _show(shares: dict[str, Any]) -> None:
    from services.local.screen import table  # noqa: PLC0415

    figures = shares["figures"]
    rows = [("tenant", "yen", "title")]
    for name, yen in shares["by_tenant"].items():
        rows.append((name, f"{yen:,}", figures.get(name, {}).get("title") or ""))
    rows.append(("", f"{sum(shares['by_tenant'].values()):,}", "invoice"))
    click.echo(table(rows, indent=""))


def _call(method: str, path: str, **more: Any) -> "Answer":
    async def work(settings: "LocalSettings", calls: "Calls") -> "Answer":
        return await calls.call(method, f"{settings.auth_url}/costs/{path}", **more)

    return call_hub(work)


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise click.ClickException(f"{file} must hold one JSON object")
    return document


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)
