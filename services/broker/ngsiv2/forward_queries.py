"""Queries answered from the store and from the providers of registrations; what is local wins (Orion, forwarding)."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from services.broker.domain.entity import Entity
from services.broker.domain.v2_registration import V2Registration
from services.broker.http.face import Call
from services.broker.ngsiv2.access import NOT_FOUND, names_of, reference_to_read, tenant_to_read
from services.broker.ngsiv2.entity_list import Question
from services.broker.ngsiv2.forward_selection import Selector, question_for
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import read_names
from services.broker.ngsiv2.provider import Answer, Forwarding, ProviderFails
from services.broker.ngsiv2.read_entity import read_entity
from services.broker.ngsiv2.service_path import paths_to_read
from services.broker.operations import reads
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.kernel.errors import HubError, NotFound
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.tenancy import Tenant

_Asked: TypeAlias = list[tuple[V2Registration, dict[str, Any]]]
_Name: TypeAlias = tuple[str, str]
_NOTHING: Final = Answer(None)


async def find_everywhere(
    call: Call, tenant: Tenant, question: Question, *, skip: bool
) -> tuple[list[Entity], int | None]:
    """Return the entities that a query asks for, and their number if asked.

    Local ones come first, then those of providers in the order of their registration; pages go over both.
    """
    forwarding = Forwarding(call, tenant)
    asked = [] if skip else await _asked(call, forwarding, question.selectors, question.attributes)
    if not asked:
        result = await reads.find(call.broker, tenant, question.query)
        return list(result.entities), result.count
    names = await names_of(call, tenant)
    page = question.query.page
    counted = replace(question.query, page=replace(page, count=True))
    upto = max(1, min(page.offset + page.limit, MAXIMUM_LIMIT))
    result, answers = await asyncio.gather(
        reads.find(call.broker, tenant, counted), _answers(forwarding, asked, f"limit={upto}&offset=0&options=count")
    )
    local = list(result.entities)
    remote = _remote(asked, answers, names)
    total = result.count or 0
    joined = _joined(local, remote)
    only_remote = joined[len(local) :]
    if total > len(local):
        known = await _known(call, tenant, question.query.paths, only_remote)
        only_remote = [each for each in only_remote if _name(each) not in known]
    unseen = sum(max(0, (answer.total or 0) - upto) for answer in answers)
    start = max(0, page.offset - total)
    found = [*joined[: len(local)], *only_remote[start : start + page.limit - len(local)]]
    return found, total + len(only_remote) + unseen if page.count else None


async def retrieve_everywhere(call: Call, *, skip: bool) -> tuple[Entity, Names]:
    """Return the entity of a reading path, with what providers add. Raises NotFound, Ambiguous."""
    tenant = await tenant_to_read(call)
    if tenant is None:
        raise NotFound(NOT_FOUND)
    names = await names_of(call, tenant)
    ref = reference_to_read(call, names)
    type_name = call.request.parameters.get("type")
    selector = {"id": ref.id} if type_name is None else {"id": ref.id, "type": type_name}
    forwarding = Forwarding(call, tenant)
    if skip or not await _asked(call, forwarding, (selector,), ()):
        return await reads.retrieve(call.broker, tenant, ref), names
    try:
        local = [await reads.retrieve(call.broker, tenant, ref)]
    except NotFound:
        local = []
    wanted = _wanted(call, local, names)
    if local and wanted is not None and not wanted:
        return local[0], names
    asked = await _asked(call, forwarding, (selector,), wanted or ())
    joined = _joined(local, _remote(asked, await _answers(forwarding, asked, ""), names))
    if not joined:
        raise NotFound(NOT_FOUND)
    return joined[0], names


def _wanted(call: Call, local: list[Entity], names: Names) -> tuple[str, ...] | None:
    """Return the attributes asked for that are not local; None where all are asked for."""
    asked = (call.values[1],) if len(call.values) > 1 else read_names(call.request.parameters, "attrs")
    if asked is None or "*" in asked:
        return None
    return tuple(name for name in asked if not local or names.expand(name) not in local[0].attrs)


async def _asked(
    call: Call, forwarding: Forwarding, selectors: Sequence[Selector], attributes: Sequence[str]
) -> _Asked:
    """Return what is asked of whom."""
    paths = paths_to_read(call.request)
    found = [each for each in await forwarding.registrations("query") if each.covers_path(paths)]
    questions = ((each, question_for(each, selectors, attributes)) for each in found)
    return [(registration, question) for registration, question in questions if question is not None]


async def _answers(forwarding: Forwarding, asked: _Asked, query: str) -> list[Answer]:
    """Ask providers at the same time; one that fails has nothing."""

    async def answer(registration: V2Registration, question: dict[str, Any]) -> Answer:
        try:
            return await forwarding.ask(registration, "query", question, query)
        except ProviderFails:
            return _NOTHING

    return await asyncio.gather(*(answer(*each) for each in asked))


def _remote(asked: _Asked, answers: Sequence[Answer], names: Names) -> Iterable[Entity]:
    for (registration, _), answer in zip(asked, answers, strict=True):
        for document in answer.document if isinstance(answer.document, list) else ():
            try:
                sent = read_entity(document, names, key_values=False)
            except HubError:
                continue
            yield sent.creation(names, registration.path).with_(attrs=sent.attributes)


def _name(entity: Entity) -> _Name:
    return entity.id, entity.type


def _joined(local: Sequence[Entity], remote: Iterable[Entity]) -> list[Entity]:
    """Return local entities with what providers add to them, then those that providers alone have."""
    joined = [*local]
    places = {_name(each): place for place, each in reversed(list(enumerate(local)))}
    for entity in remote:
        place = places.setdefault(_name(entity), len(joined))
        if place == len(joined):
            joined.append(entity)
        else:
            known = joined[place]
            joined[place] = known.with_(attrs={**entity.attrs, **known.attrs})
    return joined


async def _known(call: Call, tenant: Tenant, paths: tuple[str, ...], entities: Sequence[Entity]) -> set[_Name]:
    """Return which of the entities are local too, on another page."""
    if not entities:
        return set()
    selector = EntitySelector(ids=tuple(each.id for each in entities), by_uri=False)
    query = EntityQuery((selector,), paths=paths, page=Page(MAXIMUM_LIMIT))
    return {_name(each) for each in (await reads.find(call.broker, tenant, query)).entities}
