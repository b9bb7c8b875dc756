"""The @context of a request and of its answer: Link header, body, tenant's default (6.3.5, 5.5.7)."""

import re
from typing import Any, Final

from services.broker.domain.names import CORE_CONTEXT_URL, Context
from services.broker.http.face import Call
from services.broker.ngsild.negotiation import LD_JSON, sent
from services.broker.store.core_context import CORE_URLS
from services.kernel.errors import BadData, InvalidRequest, UnknownTenant
from services.kernel.tenancy import Tenant

CONTEXT_RELATION: Final = "http://www.w3.org/ns/json-ld#context"
_LINK: Final = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_RELATION: Final = re.compile(r";\s*rel\s*=\s*\"?([^\";,]+)\"?", re.IGNORECASE)


def linked_context(header: str | None) -> str | None:
    """Return the URL of the @context in a Link header, or None. Raises InvalidRequest where there are several."""
    if header is None:
        return None
    found = [
        url
        for url, attributes in _LINK.findall(header)
        if any(CONTEXT_RELATION in relation.split() for relation in _RELATION.findall(attributes))
    ]
    if len(found) > 1:
        raise InvalidRequest("Link names more than one @context", field="Link")
    return found[0] if found else None


async def context_of(call: Call) -> Context:
    """Return the context of a request without a body, or whose body cannot have one."""
    url = linked_context(call.request.headers.get("link"))
    if url is not None:
        return await call.broker.contexts.resolve(url)
    return await default_context(call)


async def default_context(call: Call) -> Context:
    """Return the context of requests that name none: the tenant's."""
    if not call.tenant_name:
        return call.broker.contexts.core
    try:
        tenant: Tenant = await call.tenant()
    except UnknownTenant:
        return call.broker.contexts.core
    return await call.broker.contexts.of_tenant(tenant)


async def body_context(call: Call, document: dict[str, Any], shared: Context | None = None) -> Context:
    """Return the context of a JSON object in the body (6.3.5). Raises BadData where the rules are broken.

    `shared` is the context of the request's Link header, resolved before, for the objects of an array.
    """
    has_own = "@context" in document
    if sent(call.request) == LD_JSON:
        if linked_context(call.request.headers.get("link")) is not None:
            raise BadData("A JSON-LD body must not come with a Link to an @context", field="Link")
        if not has_own:
            raise BadData("@context must be in a JSON-LD body", field="@context")
        return await call.broker.contexts.resolve(document["@context"])
    if has_own:
        raise BadData("@context must not be in a body of application/json", field="@context")
    return shared if shared is not None else await context_of(call)


async def link_header(call: Call, context: Context) -> tuple[str, str]:
    """Return the Link header that tells the context of a JSON answer."""
    url = single_url(context.source)
    if url is None:
        url = await call.broker.contexts.publish(context.source, call.request.headers.get("host", "localhost"))
    return "Link", f'<{url}>; rel="{CONTEXT_RELATION}"; type="application/ld+json"'


def single_url(source: Any) -> str | None:
    """Return the URL that says all of a context, or None: core contexts need no saying."""
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        others = [each for each in source if not (isinstance(each, str) and each in CORE_URLS)]
        if not others:
            return CORE_CONTEXT_URL
        if len(others) == 1 and isinstance(others[0], str):
            return others[0]
    return None


def context_member(context: Context) -> Any:
    """Return what stands as @context in a JSON-LD answer: what the user named; the core context is implied (5.5.7)."""
    return context.source
