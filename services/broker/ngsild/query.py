"""Querying entities by parameters or by a body, and purging what is found (5.7.2, 5.6.21)."""

from typing import Final
from urllib.parse import urlencode

from services.broker.domain.names import Context
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.http.response import Response
from services.broker.ngsild.answers import entities_answer
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.filters import (
    QueryWords,
    check_width,
    query_filter,
    read_query,
    words_of_body,
    words_of_parameters,
)
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.joins import check_depth
from services.broker.ngsild.negotiation import JSON
from services.broker.ngsild.page_links import LinkStyle, page_headers, with_one_more
from services.broker.ngsild.parameters import read_ld_page, read_representation
from services.broker.operations.reads import find
from services.broker.query.reach import depth

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
