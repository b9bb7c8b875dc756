"""Queries answered from the store and from the providers of registrations; what is local wins (Orion, forwarding)."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.broker.domain.entity import Entity
from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2.access import NOT_FOUND, names_of, reference_to_read, tenant_to_read
from services.broker.ngsiv2.entity_list import Question
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import read_names
from services.broker.ngsiv2.provider import ProviderFails, ask, may_forward
from services.broker.ngsiv2.read_entity import read_entity
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.operations import reads
from services.broker.operations import v2_registrations as registrations
from services.kernel.errors import HubError, NotFound
from services.kernel.tenancy import Tenant


async def find_everywhere(
    call: Call, tenant: Tenant, question: Question, *, skip: bool
) -> tuple[list[Entity], int | None]:
    """Return the entities that a query asks for, and their number if asked. Local ones come first."""
    result = await reads.find(call.broker, tenant, question.query)
    entities, total = list(result.entities), result.count
    if skip:
        return entities, total
    providers = await _providers(call, tenant, question.selectors)
    if not providers:
        return entities, total
    names = await names_of(call, tenant)
    joined = await _joined(call, tenant, names, entities, (providers, question))
    added = len(joined) - len(entities)
    return joined[: question.query.page.limit], None if total is None else total + added


async def retrieve_everywhere(call: Call, *, skip: bool) -> tuple[Entity, Names]:
    """Return the entity of a reading path, with what providers add. Raises NotFound, Ambiguous."""
    tenant = await tenant_to_read(call)
    if tenant is None:
        raise NotFound(NOT_FOUND)
    names = await names_of(call, tenant)
    ref = reference_to_read(call, names)
    type_name = call.request.parameters.get("type")
    selector = {"id": ref.id} if type_name is None else {"id": ref.id, "type": type_name}
    providers = [] if skip else await _providers(call, tenant, (selector,))
    if not providers:
        return await reads.retrieve(call.broker, tenant, ref), names
    try:
        local = [await reads.retrieve(call.broker, tenant, ref)]
    except NotFound:
        local = []
    wanted = _wanted(call, local, names)
    if local and wanted is not None and not wanted:
        return local[0], names
    parts = (providers, ((selector,), wanted or ()))
    joined = await _join_all(call, tenant, names, local, parts)
    if not joined:
        raise NotFound(NOT_FOUND)
    return joined[0], names


def _wanted(call: Call, local: list[Entity], names: Names) -> tuple[str, ...] | None:
    """Return the attributes asked for that are not local; None where all are asked for."""
    asked = (call.values[1],) if len(call.values) > 1 else read_names(call.request.parameters, "attrs")
    if asked is None or "*" in asked:
        return None
    return tuple(name for name in asked if not local or names.expand(name) not in local[0].attrs)


async def _providers(call: Call, tenant: Tenant, selectors: Iterable[Mapping[str, str]]) -> list[V2Registration]:
    if not may_forward():
        return []
    living = await registrations.living(call.broker, tenant)
    if not living:
        return []
    paths = paths_to_read(call.request)
    return [each for each in living if each.supports("query") and each.covers_path(paths) and _about(each, selectors)]


def _about(registration: V2Registration, selectors: Iterable[Mapping[str, str]]) -> bool:
    return any(registration.provides(each.get("id"), each.get("type")) for each in selectors)


async def _joined(
    call: Call,
    tenant: Tenant,
    names: Names,
    local: list[Entity],
    asked: tuple[list[V2Registration], Question],
) -> list[Entity]:
    providers, question = asked
    return await _join_all(call, tenant, names, local, (providers, (question.selectors, question.attributes)))


async def _join_all(
    call: Call,
    tenant: Tenant,
    names: Names,
    local: list[Entity],
    asked: tuple[list[V2Registration], tuple[tuple[Mapping[str, str], ...], tuple[str, ...]]],
) -> list[Entity]:
    providers, (selectors, attributes) = asked
    joined = {each.key: each for each in local}
    for registration in providers:
        wanted = [name for name in attributes if not registration.attributes or name in registration.attributes]
        if attributes and not wanted:
            continue
        document = {
            "entities": [dict(each) for each in selectors if _about(registration, (each,))],
            "attrs": wanted or list(registration.attributes),
        }
        if not document["attrs"]:
            del document["attrs"]
        try:
            answer = await ask(call, tenant, registration, "query", document)
        except ProviderFails:
            continue
        for entity in _entities(answer, names):
            known = joined.get(entity.key)
            joined[entity.key] = entity if known is None else known.with_(attrs={**entity.attrs, **known.attrs})
    return list(joined.values())


def _entities(answer: Any, names: Names) -> Iterable[Entity]:
    for document in answer if isinstance(answer, list) else ():
        try:
            sent = read_entity(document, names, key_values=False)
        except HubError:
            continue
        yield sent.creation(names, "/").with_(attrs=sent.attributes)
