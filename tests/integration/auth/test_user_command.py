"""`hiroba user` and `hiroba client` against a running auth."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from services.auth.settings import AuthSettings
from services.cli import main
from tests.support.auth import Login, ask_token
from tests.support.guarded_auth import guarded_settings, serving_auth
from tests.support.openid import PASSWORD


class Console:
    """A console of the installation's operator."""

    def __init__(self, settings: AuthSettings, client: httpx.AsyncClient) -> None:
        self.client = client
        self._told = {
            "HIROBA_AUTH": "required",
            "HIROBA_AUTH_URL": settings.auth_url,
            "HIROBA_DATA_DIR": str(settings.data_dir),
        }

    async def run(self, *arguments: str, piped: str | None = None) -> Result:
        """Run a command."""
        return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), input=piped, env=self._told)

    async def lines(self, *arguments: str) -> list[str]:
        """Return what a command that succeeds prints."""
        result = await self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output.splitlines()


@pytest.fixture
async def console(database_url: str, tmp_path: Path) -> AsyncIterator[Console]:
    settings = guarded_settings(database_url, tmp_path)
    async with serving_auth(settings) as client:
        made = Console(settings, client)
        await made.lines("tenant", "create", "takamatsu", "--code", "372013")
        yield made


async def test_a_person_is_created_given_roles_disabled_and_deleted(console: Console) -> None:
    created = await console.run(
        "user", "create", "Hanako@example.jp", "--tenant", "takamatsu", "--role", "viewer", piped=PASSWORD + "\n"
    )
    assert created.exit_code == 0, created.output
    assert "signs in as hanako@example.jp" in created.output
    assert (await console.run("user", "grant", "hanako@example.jp", "editor", "--tenant", "takamatsu")).exit_code == 0
    roles = await console.lines("user", "roles", "hanako@example.jp")
    assert [line.split()[0] for line in roles[1:]] == ["viewer", "editor"]
    await console.lines("user", "revoke", roles[1].split()[-1])
    assert len(await console.lines("user", "roles", "hanako@example.jp")) == 2
    await console.lines("user", "disable", "hanako@example.jp")
    assert "suspended" in (await console.lines("user", "list"))[1]
    await console.lines("user", "enable", "hanako@example.jp")
    renewed = await console.run("user", "set-password", "hanako@example.jp", piped="another battery horse\n")
    assert renewed.exit_code == 0, renewed.output
    assert (await console.run("user", "delete", "hanako@example.jp")).exit_code == 1
    await console.lines("user", "delete", "--yes", "hanako@example.jp")
    assert len(await console.lines("user", "list")) == 1


async def test_a_password_that_is_too_weak_and_an_unknown_person_are_told_in_one_line(console: Console) -> None:
    weak = await console.run("user", "create", "taro@example.jp", piped="short\n")
    assert (weak.exit_code, "password must be" in weak.output) == (1, True)
    unknown = await console.run("user", "disable", "nobody@example.jp")
    assert (unknown.exit_code, "nobody@example.jp" in unknown.output) == (1, True)


async def test_a_client_is_changed_disabled_and_deleted(console: Console) -> None:
    made = dict(
        line.split() for line in await console.lines("client", "create", "city-map", "--grant", "takamatsu:read")
    )
    renewed = (await console.lines("client", "renew-secret", "city-map"))[0].split()[1]
    assert (await ask_token(console.client, Login("city-map", made["client_secret"]))).status_code == 401
    login = Login("city-map", renewed)
    assert (await ask_token(console.client, login)).json()["scope"] == "read"
    await console.lines("client", "grant", "city-map", "takamatsu:read,write")
    assert (await ask_token(console.client, login)).json()["scope"] == "read write"
    await console.lines("client", "disable", "city-map")
    assert (await ask_token(console.client, login)).status_code == 401
    await console.lines("client", "enable", "city-map")
    assert (await ask_token(console.client, login)).status_code == 200
    await console.lines("client", "delete", "--yes", "city-map")
    assert "city-map" not in "".join(await console.lines("client", "list"))
