"""Writes of whole entities and of batches, parted among the context sources that have them (4.3.6.3, 5.6.1-5.6.21).

What an exclusive registration names goes to its source alone; of the rest, what redirect registrations name goes to
each of theirs. Nothing of it is written here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.broker.domain.names import Context
from services.broker.domain.registration import Mode, Registration
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.ngsild.errors import problem_details
from services.broker.ngsild.source_errand import Errand, Part, send
from services.broker.ngsild.source_request import check_loop
from services.broker.operations.mutation import Mutation
from services.broker.operations.registrations import Proxy, proxied, proxies
from services.kernel.errors import HubError
from services.kernel.tenancy import Tenant
from services.kernel.values import frozen

_KEPT: Final = frozenset({"id", "@id", "type", "@type"})
_NO_ATTRIBUTES: Final = _KEPT | {"@context", "scope", "expiresAt", "createdAt", "modifiedAt", "deletedAt"}


@frozen
class Subject:
    """An entity of a request, as it was sent; without a document the whole entity is meant, whatever it has."""

    uri: str
    context: Context
    document: Mapping[str, Any] | None = None
    types: tuple[str, ...] = ()


@dataclass(slots=True)
class Shared:
    """What became of an entity's parts elsewhere: the names (expanded) that are not to be written here, and errors.

    `is_whole`: a source has all of the entity. Errors come with the id of their registration.
    """

    taken: set[str] = field(default_factory=set)
    is_whole: bool = False
    is_created: bool = False
    succeeded: bool = False
    errors: list[tuple[str, HubError]] = field(default_factory=list)

    @property
    def is_concerned(self) -> bool:
        """Tell whether any source has a part of the entity."""
        return self.succeeded or bool(self.errors)


async def distribute(call: Call, tenant: Tenant, errand: Errand, subjects: Iterable[Subject]) -> list[Shared]:
    """Send each entity's parts to the sources that have them; one result for each entity, none where nothing is sent.

    Raises LoopDetected.
    """
    is_local = call.request.parameters.get("local") == "true"
    if is_local or not await proxies(call.broker, tenant):
        return []
    results: list[Shared] = []
    errands: dict[str, tuple[Registration, list[tuple[int, Part]]]] = {}
    for index, subject in enumerate(subjects):
        results.append(Shared())
        sources = await proxied(call.broker, tenant, subject.uri, subject.types)
        for registration, part in _parts(subject, sources, results[index]):
            errands.setdefault(registration.id, (registration, []))[1].append((index, part))
    if not errands:
        return []
    check_loop(call)
    done = await asyncio.gather(
        *(
            send(call, tenant, registration, errand, [part for _, part in work])
            for registration, work in errands.values()
        )
    )
    for (registration, work), outcomes in zip(errands.values(), done, strict=True):
        for (index, _), outcome in zip(work, outcomes, strict=True):
            if isinstance(outcome, HubError):
                results[index].errors.append((registration.id, outcome))
            else:
                results[index].succeeded = True
                results[index].is_created |= outcome.is_created
    return results


def _parts(subject: Subject, sources: Sequence[Proxy], result: Shared) -> list[tuple[Registration, Part]]:
    """Part an entity among its sources and note what they take."""
    names = {} if subject.document is None else names_of_attributes(subject.document, subject.context)
    exclusively: set[str] = set()
    parts = []
    for source in sorted(sources, key=lambda each: each.registration.mode is not Mode.EXCLUSIVE):
        mine = {name for name in names if name not in exclusively and source.has(name)}
        if not mine and not source.is_whole and subject.document is not None:
            continue
        result.is_whole |= source.is_whole
        result.taken |= mine
        if source.registration.mode is Mode.EXCLUSIVE:
            exclusively |= mine
        sent = None if subject.document is None else _fragment(subject.document, {names[each] for each in mine}, source)
        parts.append((source.registration, Part(subject.uri, subject.context, sent)))
    return parts


def names_of_attributes(document: Mapping[str, Any], context: Context) -> dict[str, str]:
    """Return the names of an entity's attributes as they were sent, by expanded name."""
    names = (name for name in document if name not in _NO_ATTRIBUTES)
    return {context.expand(name): name for name in names if context.terms.get(name) not in ("@id", "@type")}


def _fragment(document: Mapping[str, Any], sent: set[str], source: Proxy) -> Mapping[str, Any]:
    if source.is_whole:
        return {name: value for name, value in document.items() if name != "@context"}
    return {name: value for name, value in document.items() if name in _KEPT or name in sent}


def left_over(document: Mapping[str, Any], context: Context, shared: Shared) -> dict[str, Any]:
    """Return what of an entity's document is to be written here."""
    if not shared.taken:
        return dict(document)
    names = names_of_attributes(document, context)
    sent = {names[name] for name in shared.taken if name in names}
    return {name: value for name, value in document.items() if name not in sent}


def is_left(document: Mapping[str, Any], context: Context, shared: Shared) -> bool:
    """Tell whether anything of an entity is to be written here: not where all that it says was taken elsewhere."""
    if shared.is_whole:
        return False
    return not shared.taken or bool(names_of_attributes(document, context)) or "scope" in document


async def settle(call: Call, tenant: Tenant, uri: str, shared: Shared, mutation: Mutation | None) -> Response | None:
    """Carry out what is left here, and answer with a BatchOperationResult where a part of the whole failed (6.5.3).

    Returns None where all succeeded. Raises what went wrong where nothing did.
    """
    errors = list(shared.errors)
    succeeded = shared.succeeded
    if mutation is not None:
        try:
            await call.broker.writer.write(tenant.tenant_id, mutation)
            succeeded = True
        except HubError as error:
            errors.append(("", error))
    if not errors:
        return None
    if not succeeded:
        raise errors[0][1]
    told = [error_of(uri, error, registration_id) for registration_id, error in errors]
    return json_response({"success": [uri], "errors": told}, 207)


def error_of(uri: str, error: HubError, registration_id: str = "") -> dict[str, Any]:
    """Return a BatchEntityError (5.2.17)."""
    told = {"entityId": uri, "error": problem_details(error)}
    return {**told, "registrationId": registration_id} if registration_id else told
