"""The hub's database on this machine: one least-privilege role per service, with generated passwords."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit


async def migrate_and_grant(owner_url: str, passwords: Mapping[str, str]) -> None:
    """Bring each named service's schema to the newest version, and create or renew its role."""
    from services.kernel.migrations import grant_role, migrate  # noqa: PLC0415  # Alembic is slow to import

    for service, password in passwords.items():
        await migrate(owner_url, service)
        await grant_role(owner_url, service, password)


def role_passwords(directory: Path, services: Sequence[str]) -> Mapping[str, str]:
    """Return the password of each service's role.

    `HIROBA_<SERVICE>_DATABASE_PASSWORD` goes first; without it the password is generated once and kept in
    `directory`, readable by its owner only.
    """
    given = {service: os.environ.get(password_variable(service), "") for service in services}
    missing = [service for service, password in given.items() if not password]
    kept = kept_secrets(directory / "roles.json", missing) if missing else {}
    return {service: password or kept[service] for service, password in given.items()}


def password_variable(service: str) -> str:
    """Name the environment variable that gives a service's database password."""
    return f"HIROBA_{service.upper()}_DATABASE_PASSWORD"


def kept_secrets(file: Path, names: Sequence[str]) -> Mapping[str, str]:
    """Return a secret for each name, generated once and kept in a private file."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known.update({name: secrets.token_urlsafe(24) for name in missing})
        write_private(file, json.dumps(known, indent=2) + "\n")
    return {name: known[name] for name in names}


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    unfinished.replace(file)


def role_url(owner_url: str, service: str, password: str) -> str:
    """Return the database's URL for a service's own role."""
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"hiroba_{service}:{quote(password, safe='')}@{host}"))
