"""Auth that wants tokens, as a deployment has it: on a port, with a tenant and a person who signs in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.settings import read_settings
from services.local.ports import free_port
from tests.support.auth import administrator, bearer, until_ready
from tests.support.openid import LOGIN, PASSWORD
from tests.support.serving import served


@dataclass(frozen=True)
class Town:
    """Auth, its administrator's headers, and a person of Takamatsu."""

    hub: httpx.AsyncClient
    headers: dict[str, str]
    user: dict[str, Any]


def guarded_settings(database_url: str, directory: Path, host: str = "127.0.0.1", **more: object) -> AuthSettings:
    """Return the settings of an auth that wants tokens and listens on a free port."""
    url = f"http://{host}:{free_port()}"
    return read_settings(
        AuthSettings, database_url=database_url, data_dir=directory, auth="required", auth_url=url, **more
    )


@asynccontextmanager
async def serving_auth(settings: AuthSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Serve auth at the address of its settings, and yield a client once it is ready."""
    with served(create_app(settings), urlsplit(settings.auth_url).port):
        async with httpx.AsyncClient(base_url=settings.auth_url) as client:
            await until_ready(client)
            yield client


async def settle(hub: httpx.AsyncClient, directory: Path, **details: object) -> Town:
    """Create Takamatsu and a person of it; `details` of the person go beyond login and password."""
    headers = dict(await bearer(hub, administrator(directory)))
    tenant = await hub.put("/tenants/takamatsu", json={"code": "372013"}, headers=headers)
    assert tenant.status_code == 201, tenant.text
    body = {"login": LOGIN, "tenant": "takamatsu", "password": PASSWORD, **details}
    person = await hub.post("/users", json=body, headers=headers)
    assert person.status_code == 201, person.text
    return Town(hub, headers, person.json())
