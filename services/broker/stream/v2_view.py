"""What a reader of NGSIv2's stream asks for: the parameters of GET /v2/entities, read as a subscription's."""

from typing import Any, Final

from services.broker.domain.logged_change import LoggedChange
from services.broker.domain.subscription import (
    V2_TRIGGERS,
    Conditions,
    Endpoint,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.http.face import Call
from services.broker.ngsiv2.access import names_of
from services.broker.ngsiv2.entity_list import query_of_parameters
from services.broker.ngsiv2.parameters import Form, Shape, read_options, read_shape
from services.broker.ngsiv2.read_subscription import ALTERATIONS
from services.broker.ngsiv2.render import BUILTIN_ATTRIBUTES, render_entity
from services.broker.operations.reads import within_view
from services.broker.stream.session import Told
from services.kernel.errors import InvalidRequest

_KNOWN: Final = frozenset(
    {
        *("id", "type", "idPattern", "typePattern", "q", "mq", "georel", "geometry", "coords"),
        *("attrs", "metadata", "options", "alterationTypes"),
    }
)
_OPTIONS: Final = frozenset({"keyValues", "dateCreated", "dateModified", "normalized"})


async def v2_view(call: Call) -> Told:
    """Read what is asked for. Raises HubError."""
    parameters = call.request.parameters
    unknown = sorted(set(parameters.names) - _KNOWN)
    if unknown:
        raise InvalidRequest(f"The parameter {unknown[0]} is not known here", field=unknown[0])
    names = await names_of(call, await call.tenant())
    options = read_options(parameters)
    if not options <= _OPTIONS:
        raise InvalidRequest("The options of a stream are keyValues, dateCreated, dateModified", field="options")
    shape = read_shape(parameters, options)
    query = query_of_parameters(call, names, options).query
    if call.broker.view is not None:
        within_view(query, call.broker.view)
    conditions = Conditions(
        subjects=tuple(Subject(each.ids, each.id_pattern, each.types, each.type_pattern) for each in query.selectors),
        watched=tuple(names.expand(each) for each in _watched(shape)),
        triggers=_read_triggers(parameters.words("alterationTypes")),
        paths=query.paths,
        filter=query.filter,
        geo=query.geo,
    )
    subscription = Subscription("stream", SubscriptionFace.NGSIV2, Endpoint(""), conditions)

    async def render(logged: LoggedChange) -> tuple[str, Any]:
        entity = logged.change.entity
        if logged.change.after is None:
            return "deleted", {"id": entity.id, "type": names.short(entity.type)}
        return "", render_entity(entity, shape, names)

    return Told(subscription, render, {"attrsFormat": "keyValues" if shape.form is Form.KEY_VALUES else "normalized"})


def _watched(shape: Shape) -> tuple[str, ...]:
    """Return the attributes whose changes are told: those that are shown, or any."""
    wanted = shape.attributes or ()
    return () if "*" in wanted else tuple(each for each in wanted if each not in BUILTIN_ATTRIBUTES)


def _read_triggers(words: list[str]) -> frozenset[Trigger]:
    if not set(words) <= ALTERATIONS.keys():
        raise InvalidRequest(f"alterationTypes must be of {', '.join(ALTERATIONS)}", field="alterationTypes")
    if not words:
        return V2_TRIGGERS | {Trigger.ENTITY_DELETED}
    return frozenset().union(*(ALTERATIONS[each] for each in words))
