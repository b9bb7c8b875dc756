"""What a reader of NGSI-LD's stream asks for: the parameters of a query (6.4.3.2), read as a subscription's."""

from dataclasses import replace
from typing import Any, Final

from services.broker.domain.logged_change import LoggedChange
from services.broker.domain.subscription import (
    Conditions,
    Endpoint,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.http.face import Call
from services.broker.ngsild.context import context_of, single_url
from services.broker.ngsild.filters import read_query, words_of_parameters
from services.broker.ngsild.joins import check_depth, with_linked
from services.broker.ngsild.output_entity import entity_document, types_member
from services.broker.ngsild.parameters import read_representation
from services.broker.ngsild.representation import Representation
from services.broker.ngsild.subscription_members import TRIGGERS
from services.broker.operations.reads import within_view
from services.broker.stream.session import Told
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData
from services.kernel.paging import Page

_TRIGGERS: Final = frozenset({Trigger.ATTRIBUTE_CREATED, Trigger.ATTRIBUTE_UPDATED, Trigger.ENTITY_DELETED})


async def ld_view(call: Call) -> Told:
    """Read what is asked for. Raises HubError."""
    context = await context_of(call)
    words = words_of_parameters(call.request.parameters.pairs, context)
    query = read_query(words, context, Page())
    shown = read_representation(call, context, geo=False)
    check_depth(0 if shown.pick is None else shown.pick.depth, shown.join, "pick")
    if call.broker.view is not None:
        within_view(query, call.broker.view)
    conditions = Conditions(
        subjects=tuple(Subject(each.ids, each.id_pattern, each.types) for each in query.selectors),
        watched=query.attributes,
        triggers=_read_triggers(words.words("notificationTrigger")),
        filter=query.filter,
        geo=query.geo,
        scope=query.scope,
    )
    subscription = Subscription("stream", SubscriptionFace.NGSI_LD, Endpoint(""), conditions)

    async def render(logged: LoggedChange) -> tuple[str, Any]:
        return await _rendered(call, logged, replace(shown, now=call.broker.clock()))

    return Told(subscription, render, {"@context": single_url(context.source) or context.source})


def _read_triggers(words: list[str]) -> frozenset[Trigger]:
    if not set(words) <= TRIGGERS:
        raise BadData(f"notificationTrigger must be of {', '.join(sorted(TRIGGERS))}", field="notificationTrigger")
    return frozenset(map(Trigger, words)) or _TRIGGERS


async def _rendered(call: Call, logged: LoggedChange, shown: Representation) -> tuple[str, Any]:
    change = logged.change
    if change.after is None:
        entity = change.entity
        document = {"id": entity.uri, "type": types_member(entity.types, shown.context)}
        return "deleted", {**document, "deletedAt": to_iso_millis(logged.created_at)}
    documents = [entity_document(*each) for each in await with_linked(call, [change.after], shown)]
    return "", documents[0] if len(documents) == 1 else documents
