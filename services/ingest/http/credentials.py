"""What a device may present beside its group's API key: a device key or a token, which must be granted the write."""

from typing import Any

from fastapi import Request

from services.ingest.domain.arrival import Key
from services.ingest.operations.patience import stored_within
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import Principal
from services.kernel.tenancy.callers import in_tenants

_SCHEME = "bearer"


async def granted_sender(request: Request, key: Key) -> Principal | None:
    """Return who sends, None where the API key alone says so; other schemes than `Bearer` are not looked at.

    Where the tenant asks for device keys, the API key alone says nothing. What the API key and the device id name must
    be granted to the sender: tenant, service path, type of the device's entity.
    Raises NotAuthenticated, NotAllowed, TooMany, Unavailable.
    """
    parts = request.app.state.parts
    authorization = request.headers.get("authorization")
    if authorization is None or authorization.partition(" ")[0].lower() != _SCHEME:
        await _refuse_keyless(request, key)
        return None
    try:
        principal: Principal = await parts.verifier.identify(authorization)
    except NotAuthenticated as error:
        error.field = "Authorization"
        raise
    found = await parts.registry.destination(key)
    if found is None:
        return principal
    principal = await in_tenants(parts.tenants, principal, (found.tenant,), parts.clock())
    try:
        principal.require("write", found.tenant, (found.path,), (found.entity_type,))
    except (NotAllowed, NotAuthenticated) as error:
        error.field, error.detail = "k", f"k: {error.detail}"
        raise
    return principal


async def _refuse_keyless(request: Request, key: Key) -> None:
    """Refuse a sender without a credential whose tenant asks for device keys. Raises NotAuthenticated, Unavailable."""
    parts = request.app.state.parts
    longest_s = parts.settings.ingest_http_wait_s
    if await stored_within(longest_s, lambda: _is_obliged(parts, key), parts.figures):
        words = "Devices of this tenant must show a device key: Authorization: Bearer hbk_…"
        raise NotAuthenticated(words, field="Authorization")


async def _is_obliged(parts: Any, key: Key) -> bool:
    names = await parts.obligation.names()
    found = await parts.registry.destination(key) if names else None
    return found is not None and found.tenant in names
