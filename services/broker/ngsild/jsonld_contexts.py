"""The server of JSON-LD @contexts (5.13, 6.26-6.27): hosted, cached, implicitly created."""

import uuid
from typing import Any

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.ngsild.entities import NO_CONTENT
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.negotiation import LD_JSON, accepted
from services.broker.ngsild.parameters import read_flag
from services.broker.store import contexts as store
from services.broker.store.contexts import ContextKind, StoredContext
from services.broker.store.core_context import CORE_URLS, core_document
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData, InvalidRequest, NotFound, NotSupported, UnknownTenant
from services.kernel.postgres import session

_PATH = "/ngsi-ld/v1/jsonldContexts/"


async def host_context(call: Call) -> Response:
    """Store a context to be served from here (5.13.2)."""
    document = read_object(await call.request.json())
    if "@context" not in document:
        raise InvalidRequest("@context must be in the body", field="@context")
    await call.broker.contexts.resolve(document["@context"])
    tenant = await call.tenant_to_write()
    context_id = str(uuid.uuid4())
    body = {"@context": document["@context"]}
    hosted = StoredContext(context_id, ContextKind.HOSTED, body, call.broker.clock(), tenant_id=tenant.tenant_id)
    async with session(call.broker.pool) as connection:
        await store.keep(connection, hosted)
    return Response(201, headers=(("Location", _PATH + context_id),))


async def list_contexts(call: Call) -> Response:
    """List contexts, as URLs or with details (5.13.3)."""
    parameters = call.request.parameters
    details = read_flag(parameters, "details")
    kind = parameters.get("kind")
    if kind is not None and kind.lower() not in {each.lower() for each in ContextKind}:
        raise BadData(f"kind must be one of {', '.join(ContextKind)}", field="kind")
    wanted = next((each for each in ContextKind if kind is not None and each.lower() == kind.lower()), None)
    await call.broker.contexts.write_uses()
    try:
        tenant_id = (await call.tenant()).tenant_id
    except UnknownTenant:
        tenant_id = -1  # cached contexts belong to nobody
    async with session(call.broker.pool) as connection:
        stored = await store.listed(connection, tenant_id, wanted)
    host = call.request.headers.get("host", "localhost")
    return json_response([_details(each, host) if details else _url(each, host) for each in stored])


async def serve_context(call: Call) -> Response:
    """Serve a context, or tell its details (5.13.4)."""
    details = read_flag(call.request.parameters, "details")
    if call.values[0] in CORE_URLS and not details:
        return json_response(core_document(), media_type=LD_JSON)
    if details:
        await call.broker.contexts.write_uses()
    stored = _core(call) or await _find(call)
    if details:
        await call.broker.contexts.count_use(stored)
        return json_response(_details(stored, call.request.headers.get("host", "localhost")))
    if stored.kind is ContextKind.CACHED:
        raise NotSupported("A cached @context is not served: its own URL is", field="details")
    await call.broker.contexts.count_use(stored)
    return json_response(stored.document, media_type=accepted(call.request))


async def delete_context(call: Call) -> Response:
    """Delete a context, or download a cached one again (5.13.5)."""
    reload = read_flag(call.request.parameters, "reload")
    if call.values[0] in CORE_URLS:
        if not reload:
            raise BadData("The core @context cannot be deleted", field="contextId")
        return NO_CONTENT  # it is built in: what would be downloaded is what is there
    try:
        stored = await _find(call)
    except NotFound as error:
        if reload:
            raise BadData("Only a cached @context can be reloaded", field="reload") from error
        raise
    if not reload:
        async with session(call.broker.pool) as connection:
            await store.remove(connection, stored)
        call.broker.contexts.forget()
        return NO_CONTENT
    if stored.kind is not ContextKind.CACHED or stored.url is None:
        raise BadData("Only a cached @context can be reloaded", field="reload")
    await call.broker.contexts.reload(stored.url)
    return NO_CONTENT


def _core(call: Call) -> StoredContext | None:
    """Return the core context as if it were cached, if it is meant: it is built in and never downloaded."""
    url = call.values[0]
    if url not in CORE_URLS:
        return None
    return StoredContext(url, ContextKind.CACHED, core_document(), call.broker.contexts.since, url=url)


async def _find(call: Call) -> StoredContext:
    name = call.values[0]
    async with session(call.broker.pool) as connection:
        stored = await store.by_id(connection, name)
        if stored is None:
            stored = await store.cached_under(connection, name)
    if stored is None:
        raise NotFound(f"@context {name} does not exist", id=name)
    await _check_owner(call, stored)
    return stored


async def _check_owner(call: Call, stored: StoredContext) -> None:
    if stored.tenant_id is None:
        return
    tenant = await call.tenant()
    if tenant.tenant_id != stored.tenant_id:
        raise NotFound(f"@context {stored.id} does not exist", id=stored.id)


def _url(stored: StoredContext, host: str) -> str:
    return stored.url or f"http://{host}{_PATH}{stored.id}"


def _details(stored: StoredContext, host: str) -> dict[str, Any]:
    details: dict[str, Any] = {
        "URL": _url(stored, host),
        "localId": stored.id,
        "kind": str(stored.kind),
        "createdAt": to_iso_millis(stored.created_at),
        "numberOfHits": stored.uses,
    }
    if stored.last_used_at is not None:
        details["lastUsage"] = to_iso_millis(stored.last_used_at)
    if stored.expires_at is not None:
        details["expiresAt"] = to_iso_millis(stored.expires_at)
    return details
