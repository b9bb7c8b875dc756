"""Requests to the providers of registrations: POST …/op/query and …/op/update (Orion, Context providers)."""

import asyncio
import logging
import re
import time
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import orjson

from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2.counted import key_of
from services.broker.ngsiv2.service_path import HEADER
from services.broker.operations import v2_registrations as registrations
from services.broker.operations.egress import EgressRefused, check_url
from services.broker.operations.v2_figures import Transactions
from services.kernel.telemetry import correlator
from services.kernel.tenancy import Tenant

_TIMEOUT_S: Final = 5.0
_MOST_HOPS: Final = 10
_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_COUNT: Final = re.compile(r";\s*cbfwd=(\d+)\s*\Z")
_log = logging.getLogger("hiroba.broker.forwarding")


class ProviderFails(Exception):
    """The provider does not carry out what it was asked"""


def may_forward() -> bool:
    """Tell whether the request may go on: a chain of forwardings ends after ten."""
    found = _COUNT.search(correlator.get())
    return found is None or int(found[1]) < _MOST_HOPS


def address(url: str, operation: str) -> str:
    """Return where an operation is asked: a provider without a path gets `//op/…`, as Orion sends it."""
    parts = urlsplit(url)
    base = parts.path or "/"
    if base != "/":
        base = base.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{base}/op/{operation}", parts.query, ""))


async def ask(call: Call, tenant: Tenant, registration: V2Registration, operation: str, document: Any) -> Any:
    """Ask a provider and return its answer, None where it has no body. Raises ProviderFails."""
    try:
        answer = await _post(call, address(registration.url, operation), document)
    except (ProviderFails, EgressRefused, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        _log.warning("A forwarding fails", extra={"registration": registration.id, "reason": repr(error)})
        await registrations.note(call.broker, tenant, registration.id, success=False)
        raise ProviderFails(str(error)) from error
    await registrations.note(call.broker, tenant, registration.id, success=True)
    return answer


async def _post(call: Call, url: str, document: Any) -> Any:
    policy = call.broker.settings.egress
    check_url(url, policy)
    client = call.broker.provider_session.open(policy)
    body = orjson.dumps(document)
    begun = time.perf_counter()
    done = Transactions(count=1, request_bytes=len(body), errors=1)
    try:
        async with (
            asyncio.timeout(_TIMEOUT_S),
            client.post(url, data=body, headers=_headers(call), allow_redirects=False) as answer,
        ):
            content = await _read(answer)
        done.errors, done.response_bytes = 0, len(content)
    finally:
        done.seconds = time.perf_counter() - begun
        call.broker.v2_figures.sent(key_of(call.request.headers), done)
    return orjson.loads(content) if content.strip() else None


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer. Raises ProviderFails where it is no success or too large."""
    if answer.status not in (200, 201, 204):
        raise ProviderFails(f"The answer is {answer.status}")
    content = bytearray()
    async for part in answer.content.iter_chunked(64 * 1024):
        content += part
        if len(content) > _LARGEST_ANSWER:
            raise ProviderFails(f"The answer is larger than {_LARGEST_ANSWER} bytes")
    return bytes(content)


def _headers(call: Call) -> dict[str, str]:
    headers = {
        "User-Agent": "hiroba",
        "Accept": "application/json",
        "Content-Type": "application/json; charset=utf-8",
        "Fiware-Correlator": _counted(correlator.get()),
    }
    given = call.request.headers
    if call.tenant_name:
        headers["Fiware-Service"] = call.tenant_name
    for name, key in (("Fiware-ServicePath", HEADER), ("X-Auth-Token", "x-auth-token")):
        if key in given:
            headers[name] = given[key]
    return headers


def _counted(identifier: str) -> str:
    found = _COUNT.search(identifier)
    count = int(found[1]) + 1 if found else 1
    return f"{identifier[: found.start()] if found else identifier}; cbfwd={count}"
