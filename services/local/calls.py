"""Calls to the hub's services from this machine, by the command line and the demo."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import httpx

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable
from services.kernel.http_client import http_client
from services.kernel.settings import Settings
from services.local.environment import ADMINISTRATOR_FILE

_TIMEOUT_S = 120


class CallFailed(Exception):
    """A service refuses a call or is away; the message says why, in one line."""


@dataclass(frozen=True)
class Answer:
    """What a service answers."""

    status: int
    body: Any
    headers: Mapping[str, str]
    content: bytes = b""


class Calls:
    """Calls with the credentials of the environment, else of the first administrator, else without any."""

    def __init__(self, settings: Settings) -> None:
        client_id, secret = read_credentials(settings)
        self._credentials = ServiceCredentials(settings.auth_url, client_id, secret)
        self._client = http_client(timeout_s=_TIMEOUT_S)

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(
        self, method: str, url: str, *, tenant: str = "", accept: tuple[int, ...] = (), **more: Any
    ) -> Answer:
        """Send one request; statuses beyond 2xx and `accept` raise CallFailed. `more` is httpx's."""
        try:
            headers = {**await self._credentials.headers(), **more.pop("headers", {})}
            if tenant:
                headers["Fiware-Service"] = tenant
            response = await self._client.request(method, url, headers=headers, **more)
        except (httpx.HTTPError, Unavailable) as error:
            raise CallFailed(f"{method} {url}: {str(error) or type(error).__name__}") from error
        if not response.is_success and response.status_code not in accept:
            raise CallFailed(f"{method} {url}: {response.status_code} {_reason(response)}")
        return Answer(response.status_code, _body(response), response.headers, response.content)

    async def download(self, url: str, to: IO[bytes]) -> int:
        """Write what a service streams into a file, and return how many lines it has. Raises CallFailed."""
        lines = 0
        try:
            headers = await self._credentials.headers()
            async with self._client.stream("GET", url, headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise CallFailed(f"GET {url}: {response.status_code} {_reason(response)}")
                async for part in response.aiter_bytes():
                    to.write(part)
                    lines += part.count(b"\n")
        except (httpx.HTTPError, Unavailable) as error:
            raise CallFailed(f"GET {url}: {str(error) or type(error).__name__}") from error
        return lines


def read_credentials(settings: Settings) -> tuple[str, str]:
    """Return identifier and secret of the client to call as, both empty in the open local profile."""
    if settings.client_id:
        return settings.client_id, settings.client_secret
    file = Path(settings.data_dir, ADMINISTRATOR_FILE)
    if settings.auth == "open" or not file.is_file():
        return "", ""
    kept = json.loads(file.read_text())
    return kept["client_id"], kept["client_secret"]


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text


def _reason(response: httpx.Response) -> str:
    body = _body(response)
    if isinstance(body, dict):
        return str(body.get("detail") or body.get("description") or body.get("title") or body)
    return " ".join(str(body).split())[:300]
