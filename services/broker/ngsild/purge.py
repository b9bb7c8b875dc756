"""Purging entities, or some of their attributes, that a query finds, here and in context sources (5.6.21, 6.4.3.3)."""

from collections.abc import Sequence
from typing import Final

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.registration import Registration
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.http.response import Response, json_response
from services.broker.ngsild.context import context_of
from services.broker.ngsild.distribution import error_of
from services.broker.ngsild.entities import NO_CONTENT
from services.broker.ngsild.errors import problem_details
from services.broker.ngsild.filters import check_width, read_query, words_of_parameters
from services.broker.ngsild.input_values import check_name
from services.broker.ngsild.registration_filter import read_registration_filter
from services.broker.ngsild.source_errand import refusal_of
from services.broker.ngsild.source_request import SourceRequest, ask, check_loop
from services.broker.operations.mutation import Mutation
from services.broker.operations.purges import KeepAttributes
from services.broker.operations.reads import find
from services.broker.operations.registrations import proxies
from services.broker.operations.writes import DeleteEntity
from services.broker.query.reach import depth
from services.kernel.errors import BadData, Conflict, HubError, NotFound
from services.kernel.paging import Page
from services.kernel.tenancy import Tenant

_PORTION: Final = 500
_OF_ENTITIES: Final = frozenset({"id", "idPattern", "type", "attrs"})


async def purge_entities(call: Call) -> Response:
    """Delete what a query finds, or some attributes of it (5.6.21)."""
    context = await context_of(call)
    parameters = call.request.parameters
    words = words_of_parameters(parameters.pairs, context)
    purged = read_query(words, context, Page())
    if purged.filter is not None and depth(purged.filter):
        raise BadData("A purge does not follow links", field="q")
    check_width(words, purged)
    keep, drop = _names(parameters, "keep", context), _names(parameters, "drop", context)
    if keep and drop:
        raise BadData("keep and drop do not go together", field="keep")
    tenant = await call.tenant()
    failed: list[dict[str, object]] = []
    succeeded: list[str] = []
    elsewhere = await _purge_elsewhere(call, tenant, context)
    while True:
        page = Page(limit=_PORTION, offset=len(failed) + (len(succeeded) if keep or drop else 0))
        found = await find(call.broker, tenant, read_query(words, context, page))
        await _purge(
            call, tenant, [(each, _purge_of(each, keep, drop)) for each in found.entities], (succeeded, failed)
        )
        if len(found.entities) < _PORTION:
            break
    if elsewhere and not succeeded and not failed and len(elsewhere) == len(await _sources(call, tenant, context)):
        raise elsewhere[0][1]
    failed += [error_of(registration.id, error, registration.id) for registration, error in elsewhere]
    return json_response({"success": succeeded, "errors": failed}, 207) if failed else NO_CONTENT


async def _sources(call: Call, tenant: Tenant, context: Context) -> list[Registration]:
    """Return the registrations whose sources have, instead of this context broker, what is purged (5.12)."""
    if call.request.parameters.get("local") == "true":
        return []
    pairs = [pair for pair in call.request.parameters.pairs if pair[0] in _OF_ENTITIES and pair != ("type", "*")]
    known = await proxies(call.broker, tenant)
    if not pairs or not known:
        return known
    fits = read_registration_filter(pairs, context)
    return [each for each in known if fits(each)]


async def _purge_elsewhere(call: Call, tenant: Tenant, context: Context) -> list[tuple[Registration, HubError]]:
    """Let context sources purge what is theirs; return what they did not."""
    sources = await _sources(call, tenant, context)
    if not sources:
        return []
    check_loop(call)
    parameters = tuple(pair for pair in call.request.parameters.pairs if pair[0] != "local")
    request = SourceRequest("DELETE", "", context, parameters=parameters, resource="entities")
    errors: list[tuple[Registration, HubError]] = []
    for registration in sources:
        if "purgeEntity" in registration.operations:
            refusal = refusal_of(await ask(call, tenant, registration, request))
        else:
            refusal = Conflict("A context source that has such entities does not support the operation")
        if refusal is not None:
            errors.append((registration, refusal))
    return errors


def _names(parameters: Parameters, name: str, context: Context) -> frozenset[str]:
    words = parameters.words(name)
    for word in words:
        check_name(word, name)
    return frozenset(map(context.expand, words))


def _purge_of(entity: Entity, keep: frozenset[str], drop: frozenset[str]) -> Mutation:
    ref = LdRef(entity.uri, entity.types)
    return KeepAttributes(ref, keep, drop) if keep or drop else DeleteEntity(ref)


async def _purge(
    call: Call,
    tenant: Tenant,
    work: Sequence[tuple[Entity, Mutation]],
    outcome: tuple[list[str], list[dict[str, object]]],
) -> None:
    results = await call.broker.writer.write_batch(tenant.tenant_id, [mutation for _, mutation in work])
    for (entity, _), result in zip(work, results, strict=True):
        if isinstance(result, HubError) and not isinstance(result, NotFound):
            outcome[1].append({"entityId": entity.uri, "error": problem_details(result)})
        else:
            outcome[0].append(entity.uri)
