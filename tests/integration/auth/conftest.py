"""Auth on a database of the test's own: open, or guarded as in production."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.settings import read_settings
from tests.support.auth import Login, administrator, bearer, register, until_ready
from tests.support.databases import as_auth
from tests.support.lifespan import calling

KEY = "a secret of more than 32 characters"


@dataclass(frozen=True)
class Guarded:
    """A running auth that wants tokens, with a client of it that sends the administrator's."""

    client: httpx.AsyncClient
    settings: AuthSettings
    admin: Login

    async def registered(self, *grants: dict[str, Any]) -> Login:
        """Register a client."""
        return await register(self.client, {}, *grants)

    async def headers(self, login: Login, **form: str) -> dict[str, str]:
        """Return the header that authenticates as a client, in place of the administrator's."""
        return dict(await bearer(self.client, login, **form))

    async def headers_for(self, *grants: dict[str, Any]) -> dict[str, str]:
        """Return the header of a new client with some grants."""
        return await self.headers(await self.registered(*grants))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> AuthSettings:
    return read_settings(AuthSettings, database_url=as_auth(database_url), data_dir=tmp_path / "data", database_pool=4)


@pytest.fixture
async def hub(settings: AuthSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Auth in the open local profile."""
    async with calling(create_app(settings)) as client:
        await until_ready(client)
        yield client


@pytest.fixture
async def guarded(settings: AuthSettings) -> AsyncIterator[Guarded]:
    """Auth that wants tokens."""
    wanting = settings.model_copy(update={"auth": "required"})
    async with calling(create_app(wanting)) as client:
        await until_ready(client)
        admin = administrator(wanting.data_dir)
        client.headers.update(await bearer(client, admin))
        yield Guarded(client, wanting, admin)
