"""Writes to attributes that an exclusive or redirect registration names go to its context source (4.3.6.3, 5.6)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.registration import Registration
from services.broker.http.face import Call
from services.broker.matching.registration import is_about
from services.broker.ngsild.errors import SourceFails, SourceTimesOut
from services.broker.ngsild.source_request import SourceAnswer, SourceRequest, ask, check_loop
from services.broker.operations.mutation import NotUpdated
from services.broker.operations.registrations import proxied
from services.kernel.errors import BadData, Conflict, NotFound
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
    sources = await _sources(call, tenant, request.uri)
    if not sources:
        return NOTHING
    names = names_of(request.document or {}, request.context, frozenset(attributes))
    updated: set[str] = set()
    refused: dict[str, str] = {}
    for registration in sources:
        mine = sorted(name for name in names if _has(registration, request.uri, name))
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
    sources = [each for each in await _sources(call, tenant, request.uri) if _has(each, request.uri, name)]
    able = [each for each in sources if operation in each.operations]
    if sources and not able:
        raise Conflict(_UNSUPPORTED, field=name)
    if able:
        check_loop(call)
    for answer in [await ask(call, tenant, registration, request) for registration in able]:
        _check(answer)
    return bool(able)


async def _sources(call: Call, tenant: Tenant, uri: str) -> Sequence[Registration]:
    found = await proxied(call.broker, tenant, uri)
    return [] if not found or call.request.parameters.get("local") == "true" else found


def _has(registration: Registration, uri: str, name: str) -> bool:
    return any(is_about(part, uri) and part.has(name) for part in registration.information)


def _done(answer: SourceAnswer, names: Sequence[str]) -> list[str]:
    if answer.is_success:
        return [*names]
    if answer.status == 207 and isinstance(answer.document, dict):
        told: Any = answer.document.get("notUpdated")
        missing = {each.get("attributeName") for each in told if isinstance(each, dict)} if told else set()
        return [name for name in names if missing and name not in missing]
    return []


def _check(answer: SourceAnswer) -> None:
    if answer.is_success:
        return
    match answer.status:
        case 400:
            raise BadData(answer.reason)
        case 404:
            raise NotFound(answer.reason)
        case 0:
            raise SourceTimesOut(answer.reason)
        case _:
            raise SourceFails(answer.reason)


def names_of(document: Mapping[str, Any], context: Context, expanded: Container[str]) -> dict[str, str]:
    """Return the names of a fragment's attributes as they were sent, by expanded name."""
    return {context.expand(name): name for name in document if context.expand(name) in expanded}
