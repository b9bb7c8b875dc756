"""Querying entities by parameters or by a body, and purging what is found (5.7.2, 5.6.21)."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.selection import LdRef
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.http.response import Response, json_response
from services.broker.ngsild.answers import entities_answer
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.entities import NO_CONTENT
from services.broker.ngsild.errors import problem_details
from services.broker.ngsild.filters import (
    QueryWords,
    check_width,
    query_filter,
    read_query,
    words_of_body,
    words_of_parameters,
)
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.input_values import check_name
from services.broker.ngsild.joins import check_depth
from services.broker.ngsild.negotiation import JSON
from services.broker.ngsild.page_links import LinkStyle, page_headers, with_one_more
from services.broker.ngsild.parameters import read_ld_page, read_representation
from services.broker.operations.mutation import Mutation
from services.broker.operations.purges import KeepAttributes
from services.broker.operations.reads import find
from services.broker.operations.writes import DeleteEntity
from services.broker.query.reach import depth
from services.kernel.errors import BadData, HubError, NotFound
from services.kernel.paging import Page
from services.kernel.tenancy import Tenant

_PORTION: Final = 500
_LINKS: Final = LinkStyle(JSON, in_alphabetical_order=True)
_OF_ANSWER: Final = ("attrs", "pick", "omit", "lang", "datasetId", "join", "joinLevel", "containedBy")


async def query_entities(call: Call) -> Response:
    """Query entities (5.7.2, 6.4.3.2)."""
    context = await context_of(call)
    parameters = call.request.parameters
    words = words_of_parameters(parameters.pairs, context)
    return await _answer(call, words, parameters, context)


async def query_by_body(call: Call) -> Response:
    """Query entities by a Query in the body (6.23.3.1)."""
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    words = words_of_body(document, context)
    shown = [(name, text) for name, text in words.texts.items() if name in _OF_ANSWER]
    parameters = Parameters("&".join(filter(None, (call.request.raw_query, urlencode(shown)))))
    return await _answer(call, words, parameters, context)


async def _answer(call: Call, words: QueryWords, parameters: Parameters, context: Context) -> Response:
    page = read_ld_page(parameters)
    shown = read_representation(call, context, parameters=parameters)
    query = read_query(words, context, with_one_more(page))
    check_width(words, query)
    check_depth(0 if query.filter is None else depth(query.filter), shown.join, "q")
    csf = words.get("csf")
    if csf is not None:
        query_filter(csf, context)
    tenant = await call.tenant()
    result = await find(call.broker, tenant, query)
    has_next = len(result.entities) > page.limit > 0
    headers = page_headers(call, page, result.count, has_next=has_next, links=_LINKS)
    return await entities_answer(call, list(result.entities[: page.limit]), shown, headers)


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
    while True:
        page = Page(limit=_PORTION, offset=len(failed) + (len(succeeded) if keep or drop else 0))
        found = await find(call.broker, tenant, read_query(words, context, page))
        await _purge(
            call, tenant, [(each, _purge_of(each, keep, drop)) for each in found.entities], (succeeded, failed)
        )
        if len(found.entities) < _PORTION:
            break
    if failed:
        return json_response({"success": succeeded, "errors": failed}, 207)
    return NO_CONTENT


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
