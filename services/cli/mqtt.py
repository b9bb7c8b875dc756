"""`hiroba mqtt`: users and rights of devices at the MQTT broker."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.calling import call_hub

if TYPE_CHECKING:
    from services.local.calls import Calls
    from services.local.mqtt_access import DeviceUser, TlsFiles
    from services.local.settings import LocalSettings

_PAGE = 1000
_TO = click.option(
    "--to", required=True, type=click.Path(path_type=Path, file_okay=False), help="Directory to write to"
)
_TENANT = click.option("--tenant", required=True, help="Name of the tenant")
_PATH = click.option("--path", default="/", help="Service path; / unless given")
_CERTIFICATE = click.option("--certificate", help="The broker's certificate, as the broker finds it")
_KEY = click.option("--key", help="Its key")
_CA = click.option("--ca", help="Who signs devices' certificates; with it they must show one")
_GATEWAYS = click.option(
    "--gateway",
    "gateways",
    multiple=True,
    help="Device that may speak for all of its API key, as ThingsBoard's gateways do; may be given several times",
)


@click.group()
def mqtt() -> None:
    """Write the MQTT broker's configuration from the devices that ingest knows. Ingest answers at HIROBA_INGEST_URL."""


@mqtt.command("mosquitto")
@_TO
@_TENANT
@_PATH
@_CERTIFICATE
@_KEY
@_CA
@_GATEWAYS
@click.option("--port", default=8883, show_default=True, help="Port of the listener")
def write_mosquitto(to: Path, port: int, gateways: tuple[str, ...], **given: str | None) -> None:
    """Write mosquitto.conf, acl and passwords, and the new passwords once into credentials.csv."""
    from services.local import mqtt_access  # noqa: PLC0415

    users, ingest = _users(given, gateways), secrets.token_urlsafe(24)
    _write(to / "mosquitto.conf", mqtt_access.mosquitto_listener(port, str(to), _tls(given)))
    _write(to / "acl", mqtt_access.mosquitto_acl(users))
    _write(to / "passwords", mqtt_access.mosquitto_passwords(users, ingest))
    _write_credentials(to, users, ingest)


@mqtt.command("emqx")
@_TO
@_TENANT
@_PATH
@_CERTIFICATE
@_KEY
@_CA
@_GATEWAYS
def write_emqx(to: Path, gateways: tuple[str, ...], **given: str | None) -> None:
    """Write emqx.conf, acl.conf and users.csv, and the new passwords once into credentials.csv."""
    from services.local import mqtt_access  # noqa: PLC0415

    users, ingest = _users(given, gateways), secrets.token_urlsafe(24)
    _write(to / "emqx.conf", mqtt_access.emqx_configuration(str(to), _tls(given)))
    _write(to / "acl.conf", mqtt_access.emqx_acl(users))
    _write(to / "users.csv", mqtt_access.emqx_users(users, ingest))
    _write_credentials(to, users, ingest)


def _users(given: dict[str, str | None], gateways: tuple[str, ...]) -> "list[DeviceUser]":
    from services.local.mqtt_access import has_own_topics, new_users  # noqa: PLC0415

    tenant, path = str(given["tenant"]), str(given["path"])

    async def work(settings: "LocalSettings", calls: "Calls") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return (
            await _all(calls, f"{settings.ingest_url}/iot/groups", "groups", (tenant, path)),
            await _all(calls, f"{settings.ingest_url}/iot/devices", "devices", (tenant, path)),
        )

    groups, devices = call_hub(work)
    keys = [(_apikey(device, groups), device["device_id"]) for device in devices]
    able = [key for key in keys if has_own_topics(*key)]
    for apikey, device_id in (key for key in keys if not has_own_topics(*key)):
        words = "has no API key" if not apikey else "is no part of an MQTT topic of its own"
        click.echo(f"Device {device_id!r} {words}: left out", err=True)
    try:
        return new_users(able, gateways)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


async def _all(calls: "Calls", url: str, name: str, place: tuple[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    headers = {"fiware-servicepath": place[1]}
    while True:
        page = {"limit": _PAGE, "offset": len(found)}
        answer = await calls.call("GET", url, tenant=place[0], headers=headers, params=page)
        found += answer.body[name]
        if len(answer.body[name]) < _PAGE:
            return found


def _apikey(device: dict[str, Any], groups: list[dict[str, Any]]) -> str:
    """Return a device's API key: its own, that of the group of its type, that of the first group."""
    kind = device.get("entity_type")
    same = [group for group in groups if kind and group.get("entity_type") == kind]
    return str(device.get("apikey") or next((group["apikey"] for group in [*same, *groups]), ""))


def _tls(given: dict[str, str | None]) -> "TlsFiles | None":
    from services.local.mqtt_access import TlsFiles  # noqa: PLC0415

    certificate, key = given["certificate"], given["key"]
    if bool(certificate) != bool(key):
        raise click.UsageError("--certificate and --key go together")
    return TlsFiles(certificate, key, given["ca"]) if certificate and key else None


def _write_credentials(to: Path, users: "list[DeviceUser]", ingest: str) -> None:
    from services.local.mqtt_access import INGEST  # noqa: PLC0415

    rows = [f"{INGEST},{ingest},,", *(f"{user.name},{user.password},{user.apikey},{user.device_id}" for user in users)]
    _write(to / "credentials.csv", "\n".join(["user,password,apikey,device", *rows, ""]))
    click.echo(f"{len(users)} devices; their passwords are in {to / 'credentials.csv'} and nowhere else in plain text")


def _write(file: Path, text: str) -> None:
    """Write a file that only this user can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
