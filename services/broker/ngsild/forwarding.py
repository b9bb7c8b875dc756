"""Writes to attributes that an exclusive or redirect registration names go to its context source (4.3.6.3, 5.6)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.http.face import Call
from services.broker.ngsild.source_errand import refusal_of
from services.broker.ngsild.source_request import SourceAnswer, SourceRequest, ask, check_loop
from services.broker.operations.mutation import NotUpdated
from services.broker.operations.registrations import Proxy, proxied
from services.kernel.errors import Conflict
from services.kernel.tenancy import Tenant

_UNSUPPORTED: Final = "The context source that has the attribute does not support the operation"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What context sources did: names are expanded. `taken` are all that are not to be written here."""

    updated: tuple[str, ...] = ()
    refused: tuple[NotUpdated, ...] = ()

    @property
    def taken(self) -> frozenset[str]:
        """The attributes that belong to context sources."""
        return frozenset((*self.updated, *(each.name for each in self.refused)))


NOTHING: Final = Forwarded()


async def forward_attributes(
    call: Call, tenant: Tenant, operation: str, request: SourceRequest, attributes: Iterable[str]
) -> Forwarded:
    """Send the attributes of a fragment to the sources that have them; `attributes` are their expanded names.

    Raises Conflict where nothing but what a source does not support is asked; LoopDetected.
    """
    if call.broker.registrations.known(tenant.tenant_id, call.broker.clock()) == []:
        return NOTHING
    sources = await _sources(call, tenant, request.uri)
    if not sources:
        return NOTHING
    names = names_of(request.document or {}, request.context, frozenset(attributes))
    updated: set[str] = set()
    refused: dict[str, str] = {}
    for source in sources:
        registration = source.registration
        mine = sorted(filter(source.has, names))
        if mine and operation not in registration.operations:
            refused.update(dict.fromkeys(mine, _UNSUPPORTED))
        elif mine:
            check_loop(call)
            document = {names[name]: (request.document or {})[names[name]] for name in mine}
            part = SourceRequest(request.method, request.uri, request.context, document, None, request.parameters)
            answer = await ask(call, tenant, registration, part)
            done = _done(answer, mine)
            updated.update(done)
            refused.update({name: answer.reason for name in mine if name not in done})
    if refused and len(refused) == len(names) and set(refused.values()) == {_UNSUPPORTED}:
        raise Conflict(_UNSUPPORTED)
    failed = tuple(NotUpdated(name, reason) for name, reason in refused.items())
    return Forwarded(tuple(sorted(updated - refused.keys())), failed)


async def forward_attribute(call: Call, tenant: Tenant, operation: str, request: SourceRequest) -> bool:
    """Send a write of one attribute to the source that has it; False where none has.

    Raises Conflict where the source does not support it, what the source answers, LoopDetected.
    """
    name = str(request.attribute)
    sources = [each.registration for each in await _sources(call, tenant, request.uri) if each.has(name)]
    able = [each for each in sources if operation in each.operations]
    if sources and not able:
        raise Conflict(_UNSUPPORTED, field=name)
    if able:
        check_loop(call)
    for answer in [await ask(call, tenant, registration, request) for registration in able]:
        refusal = refusal_of(answer)
        if refusal is not None:
            raise refusal
    return bool(able)


async def _sources(call: Call, tenant: Tenant, uri: str) -> Sequence[Proxy]:
    return [] if call.request.parameters.get("local") == "true" else await proxied(call.broker, tenant, uri)


def _done(answer: SourceAnswer, names: Sequence[str]) -> list[str]:
    if answer.is_success:
        return [*names]
    if answer.status == 207 and isinstance(answer.document, dict):
        told: Any = answer.document.get("notUpdated")
        missing = {each.get("attributeName") for each in told if isinstance(each, dict)} if told else set()
        return [name for name in names if missing and name not in missing]
    return []


def names_of(document: Mapping[str, Any], context: Context, expanded: Container[str]) -> dict[str, str]:
    """Return the names of a fragment's attributes as they were sent, by expanded name."""
    return {context.expand(name): name for name in document if context.expand(name) in expanded}
