"""How tests call auth: as its first administrator, or as a client of their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.patience import until

GRANT_ALL = {"tenant": "*", "path": "/#", "types": ["*"], "actions": ["*"]}


@dataclass(frozen=True)
class Login:
    """A client's identifier and secret."""

    client_id: str
    secret: str


def grant(tenant: str, *actions: str, path: str = "/#", types: Sequence[str] = ("*",)) -> dict[str, Any]:
    """Return a grant as the interface has it."""
    return {"tenant": tenant, "path": path, "types": list(types), "actions": list(actions)}


def administrator(data_dir: Path) -> Login:
    """Return the first administrator, as the data directory has it."""
    kept = json.loads((data_dir / "admin-credentials.json").read_text())
    return Login(kept["client_id"], kept["client_secret"])


async def until_ready(client: httpx.AsyncClient) -> None:
    """Wait until the service says that it can do its work."""

    async def is_ready() -> bool:
        return (await client.get("/health/ready")).status_code == 200

    await until(is_ready)


async def ask_token(client: httpx.AsyncClient, login: Login, **form: str) -> httpx.Response:
    """Ask for a token with HTTP Basic."""
    wanted = {"grant_type": "client_credentials", **form}
    return await client.post("/oauth/token", data=wanted, auth=(login.client_id, login.secret))


async def bearer(client: httpx.AsyncClient, login: Login, **form: str) -> Mapping[str, str]:
    """Return the header that authenticates as a client."""
    answer = await ask_token(client, login, **form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def register(client: httpx.AsyncClient, headers: Mapping[str, str], *grants: dict[str, Any]) -> Login:
    """Register a client with some grants."""
    answer = await client.post("/clients", json={"grants": list(grants)}, headers=headers)
    assert answer.status_code == 201, answer.text
    return Login(answer.json()["client_id"], answer.json()["client_secret"])
