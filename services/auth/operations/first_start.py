"""The first start: an administrator, and the clients as which the hub's services call each other."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from services.auth.domain.client import (
    ADMINISTRATOR,
    ADMINISTRATOR_GRANTS,
    SERVICE_GRANTS,
    Client,
    Credentials,
    new_secret,
    service_client_id,
)
from services.auth.passwords.secret_hashes import SecretHashes
from services.auth.settings import AuthSettings
from services.auth.store import clients
from services.auth.store.database import SCHEMA, lock, transaction
from services.auth.store.reach import EVERYTHING
from services.kernel import private_file
from services.kernel.clock import system_clock
from services.kernel.postgres import open_engine

ADMINISTRATOR_FILE = "admin-credentials.json"
_log = logging.getLogger("hiroba.auth")


async def bootstrap(settings: AuthSettings) -> None:
    """Make sure of the administrator and the services' clients, in a migrated database.

    What is generated is written into the data directory, readable to its owner only. Safe to repeat, and to run in
    several processes at once. Raises Unavailable, OSError; ValueError or KeyError for a file of credentials that
    cannot be read.
    """
    async with _opened(settings.database_url) as registrar:
        await registrar.ensure_administrator(settings.data_dir)
        await registrar.ensure_services(settings.data_dir, settings.service_secrets)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator["Registrar"]:
    engine = open_engine(url, schema=SCHEMA, size=1)
    hashes = SecretHashes()
    try:
        yield Registrar(engine, hashes)
    finally:
        hashes.close()
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class Registrar:
    """Registers the clients that nobody is there to register."""

    engine: AsyncEngine
    hashes: SecretHashes

    async def ensure_administrator(self, directory: Path) -> None:
        """Create the first administrator unless there is one, its credentials in the data directory."""
        if not await self._has_administrator():
            file = directory / ADMINISTRATOR_FILE
            if await self._register(
                file, Client(ADMINISTRATOR, "", "First administrator", grants=ADMINISTRATOR_GRANTS)
            ):
                _log.warning("The first administrator is created", extra={"credentials": str(file)})

    async def ensure_services(self, directory: Path, service_secrets: Mapping[str, str]) -> None:
        """Create every service's client unless there is one. Secrets that are given are kept to."""
        for name, grants in SERVICE_GRANTS.items():
            wanted = Client(service_client_id(name), "", f"The hub's {name}", grants=grants)
            given = service_secrets.get(name)
            if given is not None:
                await self._keep_to(wanted, given)
            elif await self._find(wanted.client_id) is None:
                await self._register(directory / f"{wanted.client_id}.json", wanted)

    async def _register(self, file: Path, wanted: Client) -> bool:
        """Create a client with generated credentials, which are in a file before; tell whether that was needed."""
        credentials = await asyncio.to_thread(_kept, file, wanted)
        created = replace(wanted, secret_hash=await self.hashes.hash(credentials.client_secret))
        async with transaction(self.engine, EVERYTHING) as connection:
            await lock(connection, "administrators")
            if not created.is_administrator:
                added = await clients.add(connection, created, system_clock())
            elif await clients.administrators(connection):
                added = None
            else:
                await clients.remove(connection, created.client_id)  # it is no administrator any more
                added = await clients.add(connection, created, system_clock())
        if added is None and not await self._is_right(credentials):
            await asyncio.to_thread(file.unlink, missing_ok=True)  # a replica with another directory was first
        return added is not None

    async def _keep_to(self, wanted: Client, secret: str) -> None:
        """Give a client a secret and grants, whatever it had; a suspended one stays suspended."""
        present = await self._find(wanted.client_id)
        kept_hash = present.secret_hash if present is not None and present.grants == wanted.grants else None
        if kept_hash is not None and await self.hashes.verify(kept_hash, secret):
            return
        wanted = replace(wanted, secret_hash=await self.hashes.hash(secret))
        async with transaction(self.engine, EVERYTHING) as connection:
            now = system_clock()
            if await clients.add(connection, wanted, now) is None:
                kept = await clients.find(connection, wanted.client_id, for_update=True) or wanted
                renewed = replace(kept, secret_hash=wanted.secret_hash, grants=wanted.grants, secret_changed_at=now)
                await clients.put(connection, renewed, now)

    async def _has_administrator(self) -> bool:
        async with transaction(self.engine, EVERYTHING) as connection:
            return bool(await clients.administrators(connection))

    async def _find(self, client_id: str) -> Client | None:
        async with transaction(self.engine, EVERYTHING) as connection:
            return await clients.find(connection, client_id)

    async def _is_right(self, credentials: Credentials) -> bool:
        """Tell whether credentials would be accepted."""
        client = await self._find(credentials.client_id)
        stored = client.secret_hash if client is not None else None
        return await self.hashes.verify(stored, credentials.client_secret)


def _kept(file: Path, client: Client) -> Credentials:
    """Return the credentials in a client's file, generated when there is none yet. Raises OSError, ValueError."""
    if not file.exists():
        grants = [grant.document for grant in client.grants]
        content = {"client_id": client.client_id, "client_secret": new_secret(), "grants": grants}
        private_file.create(file, json.dumps(content, indent=2) + "\n")
    kept = json.loads(file.read_text())
    return Credentials(client.client_id, str(kept["client_secret"]))
