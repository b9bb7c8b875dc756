"""A provider with one person, and applications registered as each module wants them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from services.auth.main import create_app
from services.auth.settings import AuthSettings
from services.kernel.settings import read_settings
from tests.support.auth import until_ready
from tests.support.databases import as_auth, clone, drop
from tests.support.guarded_auth import settle
from tests.support.lifespan import calling
from tests.support.openid import LOGIN, App, Browser, Page, register_app


@dataclass(frozen=True)
class Provider:
    """A running provider, its administrator's headers, a person of Takamatsu, and that person's browser."""

    hub: httpx.AsyncClient
    headers: dict[str, str]
    user: dict[str, Any]
    browser: Browser

    async def app(self, **metadata: Any) -> App:
        """Register an application."""
        return await register_app(self.hub, self.headers, **metadata)

    async def arrive(self, app: App, browser: Browser | None = None, **parameters: str | None) -> Page:
        """Go through an authorization to the application's callback."""
        walker = browser or self.browser
        page = await walker.through(await walker.open(app.address(**parameters)), LOGIN)
        assert page.is_callback, page.text
        return page

    async def tokens(self, app: App, **parameters: str | None) -> dict[str, Any]:
        """Go through an authorization and exchange the code."""
        page = await self.arrive(app, None, **parameters)
        assert "code" in page.answer, page.url
        answer = await app.exchange(page.answer["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def claims(self, id_token: str) -> dict[str, Any]:
        """Verify an ID token with the published keys."""
        keys = KeySet.import_key_set((await self.hub.get("/jwks.json")).json())
        return dict(jwt.decode(id_token, keys, algorithms=["ES256"]).claims)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def settings(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AuthSettings]:
    """What the provider of a file's tests is told; each test has applications and browsers of its own."""
    url = await clone(postgres_server)
    yield read_settings(
        AuthSettings,
        database_url=as_auth(url),
        data_dir=tmp_path_factory.mktemp("auth"),
        database_pool=4,
        auth="required",
        auth_url="http://hub.test",
        auth_registration="open",
        egress="loopback",
    )
    await drop(postgres_server, url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(settings: AuthSettings) -> AsyncIterator[Provider]:
    async with calling(create_app(settings)) as hub:
        await until_ready(hub)
        town = await settle(hub, settings.data_dir, name="高松 花子", ial=1)
        yield Provider(hub, town.headers, town.user, Browser(hub))


@pytest_asyncio.fixture(loop_scope="module")
async def provider(running: Provider) -> Provider:
    """The provider, with a browser in which nobody is signed in yet."""
    return replace(running, browser=Browser(running.hub))


@pytest_asyncio.fixture(loop_scope="module")
async def app(provider: Provider) -> App:
    """An application of the usual kind."""
    return await provider.app()
