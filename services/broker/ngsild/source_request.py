"""Requests to context sources: headers of the registration, Via, time limit, guard (4.3.6.5, 4.3.6.6, 6.3.18)."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
import orjson

from services.broker.domain.names import Context
from services.broker.domain.registration import Registration
from services.broker.http.face import Call
from services.broker.ngsild.context import link_header, single_url
from services.broker.ngsild.errors import LoopDetected
from services.broker.ngsild.info import alias_of
from services.broker.ngsild.negotiation import JSON, LD_JSON
from services.broker.ngsild.recompaction import recompacted
from services.broker.operations import registrations
from services.kernel.egress import EgressRefused, check_url, connector_arguments
from services.kernel.errors import Unavailable
from services.kernel.telemetry import correlator
from services.kernel.tenancy import Tenant

_TIMEOUT_S: Final = 5.0
_LONGEST_S: Final = 30.0
_LARGEST_ANSWER: Final = 1024 * 1024
_FROM_REQUEST: Final = "urn:ngsi-ld:request"
_OURS: Final = frozenset(
    {
        *("host", "content-length", "content-type", "transfer-encoding", "connection", "via", "accept", "link"),
        *("te", "trailer", "upgrade", "keep-alive", "jsonldcontext", "contenttype"),
    }
)
_log = logging.getLogger("hiroba.broker.forwarding")


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """What a source is asked: a method on a path below `/ngsi-ld/v1/`, an entity's attributes unless said.

    `attribute` is an expanded name, put last in the path; `parameters` go on as they came. `batch` are the documents
    of an array, each with its context; `ids` the array of a batch that has no documents.
    """

    method: str
    uri: str
    context: Context
    document: Mapping[str, Any] | None = None
    attribute: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    resource: str | None = None
    batch: tuple[tuple[Mapping[str, Any], Context], ...] = ()
    ids: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path below `/ngsi-ld/v1/`, without the attribute."""
        return f"{entity_path(self.uri)}/attrs/" if self.resource is None else self.resource

    @property
    def is_mixed(self) -> bool:
        """Tell whether the documents of a batch have several contexts."""
        return any(context.source != self.context.source for _, context in self.batch)


def entity_path(uri: str) -> str:
    """Return the path of an entity below `/ngsi-ld/v1/`."""
    return f"entities/{quote(uri, safe=':')}"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a context source answers; `status` is 0 where it does not."""

    status: int
    document: Any = None

    @property
    def is_success(self) -> bool:
        """Tell whether the source did all that it was asked."""
        return self.status in (200, 201, 204)

    @property
    def reason(self) -> str:
        """Return what it says is wrong."""
        if isinstance(self.document, dict):
            text = self.document.get("detail") or self.document.get("title")
            if isinstance(text, str):
                return text
        return f"The context source answers {self.status}" if self.status else "The context source does not answer"


def check_loop(call: Call) -> None:
    """Refuse a request that went on from here before (6.3.18). Raises LoopDetected."""
    pseudonym = alias_of(call)
    hops = call.request.headers.get("via", "").split(",")
    if any(pseudonym in hop.split() for hop in hops):
        raise LoopDetected


async def ask(call: Call, tenant: Tenant, registration: Registration, request: SourceRequest) -> SourceAnswer:
    """Ask a context source and keep what became of it."""
    try:
        answer = await _send(call, registration, request)
    except (EgressRefused, Unavailable, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        _log.warning("A forwarding fails", extra={"registration": registration.id, "reason": repr(error)})
        answer = SourceAnswer(0)
    await registrations.note(call.broker, tenant, registration.id, success=0 < answer.status < 500)
    return answer


async def _send(call: Call, registration: Registration, request: SourceRequest) -> SourceAnswer:
    given = {
        pair["key"].lower() if pair["key"].lower() in _OURS else pair["key"]: pair["value"]
        for pair in registration.document.get("contextSourceInfo", ())
    }
    named = None
    if "jsonldcontext" in given:
        named = await call.broker.contexts.resolve(given["jsonldcontext"])
    target = named or request.context
    url = _address(registration, request, target)
    check_url(url, call.broker.settings.egress)
    headers = await _headers(call, registration, given, target)
    if request.is_mixed and named is None:
        headers.pop("Link", None)
        headers["Content-Type"] = LD_JSON
    document = _body(request, named, inline=headers["Content-Type"] == LD_JSON)
    body = None if document is None else orjson.dumps(document)
    if body is None:
        del headers["Content-Type"]
    sent = await call.broker.own_source.signed(registration.endpoint, headers, call.tenant_name)
    limit_s = min(registration.document.get("management", {}).get("timeout", _TIMEOUT_S * 1000) / 1000, _LONGEST_S)
    connector = aiohttp.TCPConnector(**connector_arguments(call.broker.settings.egress))
    async with (
        asyncio.timeout(limit_s),
        aiohttp.ClientSession(connector=connector) as client,
        client.request(request.method, url, data=body, headers=sent, allow_redirects=False) as answer,
    ):
        content = await answer.content.read(_LARGEST_ANSWER)
        return SourceAnswer(answer.status, _parsed(content))


def _body(request: SourceRequest, named: Context | None, *, inline: bool) -> Any:
    """Return the body: names in the context that the registration names, or in those they were sent in."""
    if request.ids:
        return request.ids
    if request.batch:
        return [_document(each, context, named or context, inline=inline) for each, context in request.batch]
    if request.document is None:
        return None
    return _document(request.document, request.context, named or request.context, inline=inline)


def _document(document: Mapping[str, Any], context: Context, target: Context, *, inline: bool) -> dict[str, Any]:
    result = recompacted(document, context, target)
    if inline:
        result["@context"] = target.source
    return result


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def _address(registration: Registration, request: SourceRequest, target: Context) -> str:
    path = f"{registration.endpoint.rstrip('/')}/ngsi-ld/v1/{request.path}"
    if request.attribute is not None:
        path += quote(target.compact(request.attribute), safe=":")
    return f"{path}?{urlencode(request.parameters)}" if request.parameters else path


async def _headers(call: Call, registration: Registration, given: Mapping[str, Any], target: Context) -> dict[str, str]:
    asked = call.request.headers
    headers = {
        "User-Agent": "hiroba",
        "Accept": str(given.get("accept", JSON)),
        "Via": ", ".join(filter(None, (asked.get("via"), f"1.1 {alias_of(call)}"))),
        "Fiware-Correlator": correlator.get(),
        **registration.fiware,
    }
    if "tenant" in registration.document:
        headers["NGSILD-Tenant"] = registration.document["tenant"]
    for name, value in given.items():
        if name in _OURS:
            continue
        text = asked.get(name.lower()) if value == _FROM_REQUEST else value
        if text is not None:
            headers[name] = text
    is_inline = given.get("contenttype") == LD_JSON or single_url(target.source) is None
    if is_inline and "jsonldcontext" not in given:
        headers["Content-Type"] = LD_JSON
    else:
        headers["Content-Type"] = JSON
        name, value = await link_header(call, target)
        headers[name] = value
    return headers
