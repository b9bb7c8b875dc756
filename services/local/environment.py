"""What `hiroba up` puts into the environment of what it starts: the same variables that a deployment sets."""

import sys
from collections.abc import Mapping

from services.local.settings import LocalSettings

SERVICES = ("auth", "broker", "ingest", "catalog")
CALLING_SERVICES = ("broker", "ingest", "catalog")
"""The services that call others, each as its own client at auth."""

ADMINISTRATOR_FILE = "admin-credentials.json"
"""Where auth leaves the first administrator's credentials, in the data directory."""


def hiroba(*arguments: str) -> list[str]:
    """Return the command line of a `hiroba` command, with this Python."""
    return [sys.executable, "-P", "-m", "services.cli", *arguments]


def common_environment(settings: LocalSettings) -> Mapping[str, str]:
    """Return what every process of the hub is told."""
    values: dict[str, object] = {
        "HIROBA_DATABASE_URL": "",
        "HIROBA_HOST": settings.host,
        "HIROBA_DATA_DIR": settings.directory,
        "HIROBA_AUTH": settings.auth,
        "HIROBA_TENANT_CREATION": settings.tenant_creation,
        "HIROBA_MQTT_URL": settings.own_mqtt_url,
        "HIROBA_INGEST_HTTP_PORT": settings.ingest_http_port,
        "HIROBA_DEMO_RECEIVER_PORT": settings.demo_receiver_port,
        "PYTHONUNBUFFERED": "1",
    }
    for service in SERVICES:
        values[f"HIROBA_{service.upper()}_PORT"] = settings.service_port(service)
        values[f"HIROBA_{service.upper()}_URL"] = settings.service_url(service)
    if settings.is_loopback:
        values["HIROBA_EGRESS"] = "loopback"
    return {name: str(value) for name, value in values.items()}


def service_environment(
    settings: LocalSettings, service: str, database_url: str, secrets: Mapping[str, str]
) -> Mapping[str, str]:
    """Return what one service is told: the common part, its own database role and its own client at auth.

    `secrets` are the clients' secrets by service; none in the open profile.
    """
    own = {"HIROBA_DATABASE_URL": database_url}
    if service in secrets:
        own |= {"HIROBA_CLIENT_ID": f"service-{service}", "HIROBA_CLIENT_SECRET": secrets[service]}
    if service == "auth" and secrets:
        own["HIROBA_AUTH_SERVICE_CLIENTS"] = ",".join(f"{name}={secret}" for name, secret in secrets.items())
    return {**common_environment(settings), **own}
