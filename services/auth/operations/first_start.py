"""The first start: an administrator, and the clients as which the hub's services call each other."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
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
from services.auth.store import clients, private_file
from services.auth.store.database import SCHEMA, lock, transaction
from services.kernel.clock import system_clock
from services.kernel.identity import Grant
from services.kernel.postgres import open_engine

ADMINISTRATOR_FILE = "admin-credentials.json"
_log = logging.getLogger("hiroba.auth")


async def bootstrap(settings: AuthSettings) -> None:
    """Make sure of the administrator and the services' clients, in a migrated database.

    What is generated is written into the data directory, readable to its owner only. Safe to repeat, and to run in
    several processes at once. Raises Unavailable, OSError.
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

    async def ensure_services(self, directory: Path, service_secrets: Mapping[str, str]) -> None:
        """Make sure of every service's client. Secrets that are given are kept to."""
        for name, grants in SERVICE_GRANTS.items():
            client_id = service_client_id(name)
            given = service_secrets.get(name)
            if given is not None:
                await self._ensure(Credentials(client_id, given), grants)
            elif await self._find(client_id) is None:
                file = directory / f"{client_id}.json"
                await self._ensure(await asyncio.to_thread(_kept, file, client_id, grants), grants)

    async def ensure_administrator(self, directory: Path) -> None:
        """Create the first administrator unless there is one, its credentials in the data directory beforehand."""
        if await self._has_administrator():
            return
        file = directory / ADMINISTRATOR_FILE
        credentials = await asyncio.to_thread(_kept, file, ADMINISTRATOR, ADMINISTRATOR_GRANTS)
        if await self._add_administrator(credentials):
            _log.warning("The first administrator is created", extra={"credentials": str(file)})
        elif not await self._is_right(credentials):  # another replica with another directory was first
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def _ensure(self, credentials: Credentials, grants: tuple[Grant, ...]) -> None:
        """Give a client these credentials and grants, whatever it had; a suspended one stays suspended."""
        present = await self._find(credentials.client_id)
        kept_hash = present.secret_hash if present is not None and present.grants == grants else None
        if kept_hash is not None and await self.hashes.verify(kept_hash, credentials.client_secret):
            return
        wanted = Client(credentials.client_id, await self.hashes.hash(credentials.client_secret), grants=grants)
        async with transaction(self.engine) as connection:
            if await clients.add(connection, wanted, system_clock()) is None:
                kept = await clients.find(connection, wanted.client_id, for_update=True) or wanted
                now = system_clock()
                renewed = replace(kept, secret_hash=wanted.secret_hash, grants=grants, secret_changed_at=now)
                await clients.put(connection, renewed, now)

    async def _add_administrator(self, credentials: Credentials) -> bool:
        secret_hash = await self.hashes.hash(credentials.client_secret)
        created = Client(credentials.client_id, secret_hash, title="First administrator", grants=ADMINISTRATOR_GRANTS)
        async with transaction(self.engine) as connection:
            await lock(connection, "administrators")
            if await clients.administrators(connection):
                return False
            await clients.remove(connection, created.client_id)
            return await clients.add(connection, created, system_clock()) is not None

    async def _has_administrator(self) -> bool:
        async with transaction(self.engine) as connection:
            return bool(await clients.administrators(connection))

    async def _find(self, client_id: str) -> Client | None:
        async with transaction(self.engine) as connection:
            return await clients.find(connection, client_id)

    async def _is_right(self, credentials: Credentials) -> bool:
        """Tell whether credentials would be accepted."""
        client = await self._find(credentials.client_id)
        stored = client.secret_hash if client is not None else None
        return await self.hashes.verify(stored, credentials.client_secret)


def _kept(file: Path, client_id: str, grants: tuple[Grant, ...]) -> Credentials:
    """Return the credentials in a file, generated when there is none yet. Raises OSError, ValueError."""
    if not file.exists():
        secret = {"client_id": client_id, "client_secret": new_secret(), "grants": [asdict(grant) for grant in grants]}
        private_file.create(file, json.dumps(secret, indent=2) + "\n")
    kept = json.loads(file.read_text())
    return Credentials(str(kept["client_id"]), str(kept["client_secret"]))
