"""Calling devices at their endpoints, in networks that may be called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp

from services.ingest.domain.command import CommandFault, is_address
from services.kernel.egress import check_url, connector_arguments

_TIMEOUT_S = 10.0
_LARGEST_ANSWER = 65536
_DONE = (200, 201, 202, 204)


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a device: a POST of `body`, or a GET where it has none."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout_s: float = _TIMEOUT_S


async def call_device(call: Call, egress: str) -> bytes:
    """Return what a device answers, at most 64 KiB of it.

    Raises CommandFault where the URL is none or the device refuses, EgressRefused, OSError, TimeoutError,
    aiohttp.ClientError.
    """
    if not is_address(call.url):
        raise CommandFault(f"The endpoint {call.url!r:.200} is no URL")
    check_url(call.url, egress)
    connector = aiohttp.TCPConnector(**connector_arguments(egress))
    timeout = aiohttp.ClientTimeout(total=call.timeout_s)
    method = "GET" if call.body is None else "POST"
    async with (
        aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
        session.request(method, call.url, data=call.body, headers=call.headers, allow_redirects=False) as answer,
    ):
        content = await answer.content.read(_LARGEST_ANSWER)
        if answer.status not in _DONE:
            raise CommandFault(f"The device answers {answer.status}: {content[:200].decode(errors='replace')}")
    return content


def below(endpoint: str, name: str) -> str:
    """Return the URL of something under a device's endpoint."""
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{quote(name, safe='')}"))
