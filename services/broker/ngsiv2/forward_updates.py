"""Updates written to the store; what is not there goes to the providers of registrations (Orion, forwarding)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.outcomes import Result, check_outcome, label
from services.broker.ngsiv2.parameters import Shape
from services.broker.ngsiv2.provider import ProviderFails, ask, may_forward
from services.broker.ngsiv2.render import render_attributes
from services.broker.operations import v2_registrations as registrations
from services.broker.operations.mutation import Mutation, NotUpdated, Outcome
from services.broker.operations.v2_updates import Admit, ReplaceAttributes, UpdateEntity
from services.kernel.errors import HubError, NotFound
from services.kernel.tenancy import Tenant

Forwardable: TypeAlias = UpdateEntity | ReplaceAttributes
"""What is asked of providers where it is not here: updates and replacements, as Orion does."""


async def check_or_forward(call: Call, tenant: Tenant, names: Names, mutation: Forwardable, *, why: str) -> None:
    """Update one entity. Raises HubError where it or attributes are neither here nor at a provider."""
    outcome = await write_or_forward(call, tenant, names, mutation)
    check_outcome(outcome, label(mutation.ref.id, call.request.parameters.get("type")), names, why=why)


async def write_or_forward(call: Call, tenant: Tenant, names: Names, mutation: Forwardable) -> Outcome:
    """Update one entity and return what was done, here and at providers. Raises HubError."""
    stays = isinstance(mutation, UpdateEntity) and mutation.admit is not Admit.PRESENT
    if stays or not await _living(call, tenant):
        return await call.broker.writer.write(tenant.tenant_id, mutation)
    result = (await write_batch_or_forward(call, tenant, names, (mutation,), None))[0]
    if isinstance(result, HubError):
        raise result
    return result


async def write_batch_or_forward(
    call: Call, tenant: Tenant, names: Names, mutations: Sequence[Mutation], key: str | None
) -> list[Result]:
    """Update entities and return what was done with each, here and at providers."""
    results = await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=key)
    living = await _living(call, tenant)
    if not living:
        return results
    return [
        await _forwarded(call, tenant, names, (mutation, living), result)
        if isinstance(mutation, Forwardable)
        else result
        for mutation, result in zip(mutations, results, strict=True)
    ]


async def _living(call: Call, tenant: Tenant) -> list[V2Registration]:
    if not may_forward():
        return []
    return [each for each in await registrations.living(call.broker, tenant) if each.supports("update")]


async def _forwarded(
    call: Call, tenant: Tenant, names: Names, asked: tuple[Forwardable, list[V2Registration]], result: Result
) -> Result:
    mutation, living = asked
    if isinstance(result, NotFound):
        left = tuple(mutation.attributes)
    elif isinstance(result, Outcome):
        left = tuple(each.name for each in result.not_updated)
    else:
        return result
    if not left:
        return result
    done = await _ask_providers(call, tenant, names, living, (mutation, left))
    if not done:
        return result
    updated = (*(result.updated if isinstance(result, Outcome) else ()), *done)
    missing = tuple(NotUpdated(name, Admit.PRESENT) for name in left if name not in done)
    before = result if isinstance(result, Outcome) else Outcome()
    return replace(before, updated=updated, not_updated=missing)


async def _ask_providers(
    call: Call,
    tenant: Tenant,
    names: Names,
    living: list[V2Registration],
    asked: tuple[Forwardable, tuple[str, ...]],
) -> set[str]:
    """Forward attributes to the providers that have them, and return those that were taken."""
    mutation, left = asked
    ref = mutation.ref
    type_name = None if ref.type is None else names.short(ref.type)
    done: set[str] = set()
    for registration in living:
        if not (registration.provides(ref.id, type_name) and registration.covers_path((ref.path,))):
            continue
        provided = {names.expand(each) for each in registration.attributes}
        wanted = {name: mutation.attributes[name] for name in left if name not in done}
        taken = {name: each for name, each in wanted.items() if not provided or name in provided}
        if taken and await _update(call, tenant, registration, names, (mutation, taken)):
            done |= taken.keys()
    return done


async def _update(
    call: Call, tenant: Tenant, registration: V2Registration, names: Names, asked: tuple[Forwardable, Attributes]
) -> bool:
    mutation, taken = asked
    ref = mutation.ref
    type_name = _type_name(registration, ref.id) if ref.type is None else names.short(ref.type)
    head = {"id": ref.id} if type_name is None else {"id": ref.id, "type": type_name}
    entity = Entity(ref.id, ("",), taken)
    document = {"entities": [{**head, **render_attributes(entity, Shape(), names)}], "actionType": "update"}
    try:
        await ask(call, tenant, registration, "update", document)
    except ProviderFails:
        return False
    return True


def _type_name(registration: V2Registration, entity_id: str) -> str | None:
    """Return the type under which the provider registered an entity."""
    for each in registration.document["dataProvided"]["entities"]:
        if each.get("id") == entity_id and "type" in each:
            return str(each["type"])
    return None
