"""Updates written to the store; what is not there goes to the providers of registrations (Orion, forwarding)."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.outcomes import AskedInVain, NotAnswered, Result, check_outcome, label
from services.broker.ngsiv2.parameters import Shape
from services.broker.ngsiv2.provider import Forwarding, ProviderFails
from services.broker.ngsiv2.render import render_attributes
from services.broker.operations.mutation import Mutation, NotUpdated, Outcome
from services.broker.operations.v2_updates import Admit, ReplaceAttributes, UpdateEntity
from services.kernel.errors import HubError, NotFound
from services.kernel.tenancy import Tenant

Forwardable: TypeAlias = UpdateEntity | ReplaceAttributes
"""What is asked of providers where it is not here: updates and replacements, as Orion does."""


@dataclass(frozen=True, slots=True)
class _Round:
    """What one entity still lacks, and the registrations that may have it, in their order."""

    mutation: Forwardable
    names: Names
    living: Sequence[V2Registration]
    forwarding: Forwarding


async def check_or_forward(call: Call, tenant: Tenant, names: Names, mutation: Forwardable, *, why: str) -> None:
    """Update one entity. Raises HubError where it or attributes are neither here nor at a provider."""
    outcome = await write_or_forward(call, tenant, names, mutation)
    check_outcome(outcome, label(mutation.ref.id, call.request.parameters.get("type")), names, why=why)


async def write_or_forward(call: Call, tenant: Tenant, names: Names, mutation: Forwardable) -> Outcome:
    """Update one entity and return what was done, here and at providers. Raises HubError."""
    result = (await write_batch_or_forward(call, tenant, names, (mutation,), None))[0]
    if isinstance(result, HubError):
        raise result
    return result


async def write_batch_or_forward(
    call: Call, tenant: Tenant, names: Names, mutations: Sequence[Mutation], key: str | None
) -> list[Result]:
    """Update entities and return what was done with each, here and at providers.

    Entities are forwarded at the same time, the updates of one entity one after the other.
    """
    results: list[Result] = await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=key)
    lacking: dict[str, list[int]] = defaultdict(list)
    for position, (mutation, result) in enumerate(zip(mutations, results, strict=True)):
        if isinstance(mutation, Forwardable) and not _stays(mutation) and _left(mutation, result):
            lacking[mutation.ref.id].append(position)
    if not lacking:
        return results
    forwarding = Forwarding(call, tenant)
    living = await forwarding.registrations("update")
    if not living:
        return results

    async def forward(positions: list[int]) -> None:
        for position in positions:
            mutation = mutations[position]
            assert isinstance(mutation, Forwardable)
            results[position] = await _forwarded(_Round(mutation, names, living, forwarding), results[position])

    await asyncio.gather(*(forward(positions) for positions in lacking.values()))
    return results


def _stays(mutation: Forwardable) -> bool:
    """Tell whether an update is for the store alone: one that may create attributes."""
    return isinstance(mutation, UpdateEntity) and mutation.admit is not Admit.PRESENT


def _left(mutation: Forwardable, result: Result) -> tuple[str, ...]:
    """Return the attributes that are not here."""
    if isinstance(result, NotFound):
        return tuple(mutation.attributes)
    return tuple(each.name for each in result.not_updated) if isinstance(result, Outcome) else ()


async def _forwarded(round_: _Round, result: Result) -> Result:
    left = _left(round_.mutation, result)
    done, asked = await _ask_providers(round_, left)
    if not asked:
        return result
    missing = tuple(NotUpdated(name, Admit.PRESENT) for name in left if name not in done)
    if isinstance(result, HubError):
        if not done:
            return NotAnswered(result.detail)
        result = Outcome()
    kind = AskedInVain if missing else Outcome
    return kind(result.changes, result.created, (*result.updated, *done), missing)


async def _ask_providers(round_: _Round, left: tuple[str, ...]) -> tuple[set[str], bool]:
    """Forward each attribute to the first provider that takes it; return those taken, and whether any was asked."""
    candidates = [each for each in round_.living if _is_about(round_, each)]
    done: set[str] = set()
    asked = False
    while candidates:
        pieces: list[tuple[V2Registration, Attributes]] = []
        wanted = {name: round_.mutation.attributes[name] for name in left if name not in done}
        for registration in candidates:
            provided = {round_.names.expand(each) for each in registration.attributes}
            piece = {name: each for name, each in wanted.items() if not provided or name in provided}
            if piece:
                pieces.append((registration, piece))
                wanted = {name: each for name, each in wanted.items() if name not in piece}
        if not pieces:
            break
        asked = True
        taken = await asyncio.gather(*(_update(round_, *piece) for piece in pieces))
        done.update(*taken)
        tried = {registration.id for registration, _ in pieces}
        candidates = [each for each in candidates if each.id not in tried]
    return done, asked


def _is_about(round_: _Round, registration: V2Registration) -> bool:
    ref = round_.mutation.ref
    type_name = None if ref.type is None else round_.names.short(ref.type)
    return registration.provides(ref.id, type_name) and registration.covers_path((ref.path,))


async def _update(round_: _Round, registration: V2Registration, piece: Attributes) -> set[str]:
    """Ask one provider and return the attributes that it took."""
    ref, names = round_.mutation.ref, round_.names
    type_name = _type_name(registration, ref.id) if ref.type is None else names.short(ref.type)
    head: dict[str, Any] = {"id": ref.id} if type_name is None else {"id": ref.id, "type": type_name}
    shown = render_attributes(Entity(ref.id, ("",), piece), Shape(), names)
    try:
        await round_.forwarding.ask(registration, "update", {"entities": [{**head, **shown}], "actionType": "update"})
    except ProviderFails:
        return set()
    return set(piece)


def _type_name(registration: V2Registration, entity_id: str) -> str | None:
    """Return the type under which the provider registered an entity."""
    for each in registration.document["dataProvided"]["entities"]:
        if each.get("id") == entity_id and "type" in each:
            return str(each["type"])
    return None
