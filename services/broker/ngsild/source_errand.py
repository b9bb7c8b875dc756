"""Errands to one context source: a batch where it supports batches, else entity by entity (5.6.7-5.6.10, 5.6.20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.registration import Registration
from services.broker.http.face import Call
from services.broker.ngsild.errors import SourceFails, SourceTimesOut
from services.broker.ngsild.source_request import SourceAnswer, SourceRequest, ask, entity_path
from services.kernel.errors import AlreadyExists, BadData, Conflict, HubError, NotFound, NotSupported
from services.kernel.tenancy import Tenant

_SINGLE: Final = {
    "createEntity": ("POST", "entities"),
    "replaceEntity": ("PUT", "{entity}"),
    "mergeEntity": ("PATCH", "{entity}"),
    "deleteEntity": ("DELETE", "{entity}"),
    "updateEntity": ("PATCH", "{entity}/attrs/"),
    "appendAttrs": ("POST", "{entity}/attrs/"),
}
_UNSUPPORTED: Final = "The context source that has the entity or the attribute does not support the operation"


@dataclass(frozen=True, slots=True)
class Errand:
    """An operation as its names in registrations (4.20): each entity with one of `singles`, the next where it exists.

    `batch` is the operation on many and its path. `parameters` go with the batch, `single_parameters` with each entity.
    """

    singles: tuple[str, ...]
    batch: tuple[str, str] | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    single_parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one source is told of one entity; no document where it is to be deleted."""

    uri: str
    context: Context
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A source did what it was asked."""

    is_created: bool = False


async def send(
    call: Call, tenant: Tenant, registration: Registration, errand: Errand, parts: Sequence[Part]
) -> list[Done | HubError]:
    """Run an errand to one source and return what became of each part."""
    if errand.batch is not None and errand.batch[0] in registration.operations:
        answer = await ask(call, tenant, registration, _batch_request(errand, parts))
        return [_of_batch(answer, part.uri) for part in parts]
    if registration.operations.isdisjoint(errand.singles):
        return [Conflict(_UNSUPPORTED) for _ in parts]
    # One after the other: a batch may name an entity twice, and the later part must win.
    return [await _single(call, tenant, registration, errand, part) for part in parts]


def _batch_request(errand: Errand, parts: Sequence[Part]) -> SourceRequest:
    assert errand.batch is not None
    return SourceRequest(
        "POST",
        parts[0].uri,
        parts[0].context,
        parameters=errand.parameters,
        resource=errand.batch[1],
        batch=tuple((part.document, part.context) for part in parts if part.document is not None),
        ids=tuple(part.uri for part in parts if part.document is None),
    )


async def _single(
    call: Call, tenant: Tenant, registration: Registration, errand: Errand, part: Part
) -> Done | HubError:
    able = [name for name in errand.singles if name in registration.operations]
    answer = SourceAnswer(0)
    for name in able:
        method, place = _SINGLE[name]
        resource = place.format(entity=entity_path(part.uri))
        parameters = errand.single_parameters
        request = SourceRequest(method, part.uri, part.context, part.document, None, parameters, resource)
        answer = await ask(call, tenant, registration, request)
        if answer.status != 409:
            break
    if answer.status == 409 and len(able) < len(errand.singles):
        return NotSupported("The context source has the entity already and cannot overwrite it")
    return refusal_of(answer) or Done(is_created=answer.status == 201)


def _of_batch(answer: SourceAnswer, uri: str) -> Done | HubError:
    if answer.status == 201:
        created = answer.document if isinstance(answer.document, list) else [uri]
        return Done(is_created=uri in created)
    if answer.status == 207 and isinstance(answer.document, dict):
        errors = answer.document.get("errors")
        for each in errors if isinstance(errors, list) else ():
            if isinstance(each, dict) and each.get("entityId") == uri:
                return _told(each.get("error"))
        return Done()
    return refusal_of(answer) or Done()


def _told(problem: Any) -> HubError:
    """Return the error that a source tells of one entity of a batch."""
    status = problem.get("status") if isinstance(problem, dict) else None
    known = isinstance(status, int) and not isinstance(status, bool) and 400 <= status < 600
    return refusal_of(SourceAnswer(int(str(status)) if known else 502, problem)) or SourceFails()


def refusal_of(answer: SourceAnswer) -> HubError | None:
    """Return what a source's answer means where it did not do all that it was asked."""
    if answer.is_success:
        return None
    match answer.status:
        case 400:
            return BadData(answer.reason)
        case 404:
            return NotFound(answer.reason)
        case 409:
            kind = answer.document.get("type") if isinstance(answer.document, dict) else None
            return (AlreadyExists if str(kind).endswith("AlreadyExists") else Conflict)(answer.reason)
        case 0:
            return SourceTimesOut(answer.reason)
        case _:
            return SourceFails(answer.reason)
