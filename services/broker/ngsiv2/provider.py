"""Requests to the providers of registrations: POST …/op/query and …/op/update (Orion, Context providers)."""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import orjson

from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2 import legacy_provider
from services.broker.ngsiv2.counted import key_of
from services.broker.ngsiv2.service_path import HEADER
from services.broker.operations import v2_registrations as registrations
from services.broker.operations.v2_figures import Transactions
from services.kernel.egress import EgressRefused, check_url
from services.kernel.errors import Unavailable
from services.kernel.fetch import TooLarge, read
from services.kernel.telemetry import correlator
from services.kernel.tenancy import Tenant

_MOST_HOPS: Final = 10
_LARGEST_ANSWER: Final = 8 * 1024 * 1024
_COUNT: Final = re.compile(r";\s*cbfwd=\d+\s*\Z")
_TOTAL: Final = "Fiware-Total-Count"
_log = logging.getLogger("hiroba.broker.forwarding")


class ProviderFails(Exception):
    """The provider does not carry out what it was asked"""


_FAILURES: Final = (ProviderFails, EgressRefused, Unavailable, aiohttp.ClientError, TimeoutError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says: its JSON, None where it has no body, and the number of its entities, where it tells."""

    document: Any
    total: int | None = None


def address(url: str, operation: str, query: str = "") -> str:
    """Return where an operation is asked: a provider without a path gets `//op/…`, as Orion sends it."""
    parts = urlsplit(url)
    base = parts.path or "/"
    if base != "/":
        base = base.rstrip("/")
    joined = "&".join(filter(None, (parts.query, query)))
    return urlunsplit((parts.scheme, parts.netloc, f"{base}/{operation}", joined, ""))


class Forwarding:
    """The requests to providers that one request of a client leads to: numbered, limited, several at a time."""

    def __init__(self, call: Call, tenant: Tenant) -> None:
        settings = call.broker.settings
        self._call = call
        self._tenant = tenant
        self._alias = f"{call.tenant_name}.{call.broker.alias}" if call.tenant_name else call.broker.alias
        self._most = settings.forward_limit
        self._timeout_s = settings.forward_timeout_s
        self._slots = asyncio.Semaphore(settings.forward_concurrency)
        self._sent = 0

    async def registrations(self, mode: str) -> list[V2Registration]:
        """Return the registrations for `query` or `update` requests; none where the request came through here."""
        hops = [hop.split() for hop in self._call.request.headers.get("via", "").split(",")]
        if self._most == 0 or len(hops) > _MOST_HOPS or any(self._alias in hop for hop in hops):
            return []
        living = await registrations.living(self._call.broker, self._tenant)
        return [each for each in living if each.supports(mode)]

    async def ask(self, registration: V2Registration, operation: str, document: Any, query: str = "") -> Answer:
        """Ask a provider to `query` or `update`. Raises ProviderFails."""
        self._sent += 1
        number = self._sent
        if number > self._most:
            raise ProviderFails("Too many requests to providers")
        async with self._slots:
            try:
                answer = await self._ask(registration, operation, document, (query, number))
            except _FAILURES as error:
                _log.warning("A forwarding fails", extra={"registration": registration.id, "reason": repr(error)})
                await self._note(registration, success=False)
                raise ProviderFails(str(error)) from error
            await self._note(registration, success=True)
            return answer

    async def _note(self, registration: V2Registration, *, success: bool) -> None:
        await registrations.note(self._call.broker, self._tenant, registration.id, success=success)

    async def _ask(self, registration: V2Registration, operation: str, document: Any, more: tuple[str, int]) -> Answer:
        query, number = more
        headers = self._headers(number)
        if not registration.is_legacy:
            own_source, tenant_name = self._call.broker.own_source, self._call.tenant_name
            headers = await own_source.signed(registration.url, headers, tenant_name)
            return await self._post(address(registration.url, f"op/{operation}", query), document, headers)
        url = address(registration.url, f"{operation}Context")
        if operation == "query":
            answer = await self._post(url, legacy_provider.query_of(document), headers)
            return Answer(legacy_provider.entities_of(answer.document))
        answer = await self._post(url, legacy_provider.update_of(document), headers)
        if not legacy_provider.is_done(answer.document):
            raise ProviderFails("The provider does not carry out the update")
        return answer

    async def _post(self, url: str, document: Any, headers: Mapping[str, str]) -> Answer:
        broker = self._call.broker
        policy = broker.settings.egress
        check_url(url, policy)
        client = broker.provider_session.open(policy)
        body = orjson.dumps(document)
        begun = time.perf_counter()
        done = Transactions(count=1, request_bytes=len(body), errors=1)
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                client.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                content = await _read(answer)
            done.errors, done.response_bytes = 0, len(content)
        finally:
            done.seconds = time.perf_counter() - begun
            broker.v2_figures.sent(key_of(self._call.request.headers), done)
        total = answer.headers.get(_TOTAL, "")
        return Answer(orjson.loads(content) if content.strip() else None, int(total) if total.isdecimal() else None)

    def _headers(self, number: int) -> Mapping[str, str]:
        given: Mapping[str, str] = self._call.request.headers
        headers = {
            "User-Agent": "hiroba",
            "Accept": "application/json",
            "Content-Type": "application/json; charset=utf-8",
            "Fiware-Correlator": f"{_COUNT.sub('', correlator.get())}; cbfwd={number}",
            "Via": ", ".join(filter(None, (given.get("via"), f"1.1 {self._alias}"))),
        }
        if self._call.tenant_name:
            headers["Fiware-Service"] = self._call.tenant_name
        for name, key in (("Fiware-ServicePath", HEADER), ("X-Auth-Token", "x-auth-token")):
            if key in given:
                headers[name] = given[key]
        return headers


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer. Raises ProviderFails where it is no success or too large."""
    if answer.status not in (200, 201, 204):
        raise ProviderFails(f"The answer is {answer.status}")
    try:
        return await read(answer, _LARGEST_ANSWER)
    except TooLarge:
        raise ProviderFails(f"The answer is larger than {_LARGEST_ANSWER} bytes") from None
