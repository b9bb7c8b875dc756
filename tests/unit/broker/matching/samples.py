"""Small worlds of entities and subscriptions for the matcher's tests."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from services.broker.domain.attribute import Attributes
from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.selection import TypeAll, TypeAny, TypeIs
from services.broker.domain.subscription import (
    Conditions,
    Endpoint,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.query.tree import All, AttributeTarget, Compare, Not, OneOf, Operator
from services.broker.query.tree import Any as Any_

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TYPES = ("Gauge", "Pump", "Gate")
NAMES = ("level", "flow", "name")
IDS = ("urn:a:1", "urn:a:2", "urn:b:1")
PATHS = ("/", "/river", "/river/upper")


def entity(attrs: Attributes, **members: Any) -> Entity:
    """Make a gauge."""
    given: dict[str, Any] = {"id": IDS[0], "uri": IDS[0], "types": ("Gauge",), **members}
    return Entity(attrs=attrs, **given)


def values(**given: object) -> Attributes:
    """Make attributes of Property values."""
    return {name: [{"kind": "Property", "value": value}] for name, value in given.items()}


def subscription(
    *triggers: Trigger, face: SubscriptionFace = SubscriptionFace.NGSI_LD, **conditions: Any
) -> Subscription:
    """Make a subscription to everything, unless conditions are given."""
    if triggers:
        conditions["triggers"] = frozenset(triggers)
    return Subscription("s", face, Endpoint("http://receiver.test/"), Conditions(**conditions))


_attributes = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(
        lambda value, unit: [{"kind": "Property", "value": value, "unitCode": unit}],
        st.integers(0, 1) | st.sampled_from(["a", ["a", "b"], "橋"]),
        st.sampled_from("AB"),
    ),
)
_entities = st.builds(
    Entity,
    id=st.sampled_from(IDS),
    uri=st.sampled_from(IDS),
    types=st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True).map(tuple),
    attrs=_attributes,
    path=st.sampled_from(PATHS),
)
_type_names = st.builds(TypeIs, st.sampled_from(TYPES))
_types = (
    _type_names
    | st.builds(TypeAll, st.tuples(_type_names, _type_names))
    | st.builds(TypeAny, st.tuples(_type_names, _type_names))
)
_subjects = st.builds(
    Subject,
    ids=st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple),
    id_pattern=st.sampled_from([None, "^urn:a", "1$"]),
    types=st.none() | _types,
    type_pattern=st.sampled_from([None, "^G"]),
)
_texts = st.sampled_from(["", "a", "b", "橋"])
_operands = _texts | st.integers(0, 3) | st.lists(_texts | st.integers(0, 3), min_size=1).map(tuple).map(OneOf)
_comparisons = st.builds(
    Compare,
    st.builds(AttributeTarget, st.sampled_from(NAMES)),
    st.sampled_from([Operator.EQUAL, Operator.EQUAL, Operator.UNEQUAL]),
    _operands,
)
_filters = (
    _comparisons
    | st.builds(Not, _comparisons)
    | st.builds(All, st.tuples(_comparisons, _comparisons))
    | st.builds(Any_, st.tuples(_comparisons, _comparisons))
)
_conditions = st.builds(
    Conditions,
    subjects=st.lists(_subjects, max_size=2).map(tuple),
    watched=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    triggers=st.frozensets(st.sampled_from(list(Trigger)), min_size=1),
    paths=st.lists(st.sampled_from(["/#", "/", "/river/#"]), max_size=1).map(tuple),
    metadata_counts=st.booleans(),
    filter=st.none() | _filters,
)
subscriptions = st.builds(
    Subscription,
    id=st.uuids().map(str),
    face=st.sampled_from(SubscriptionFace),
    endpoint=st.just(Endpoint("http://receiver.test/")),
    conditions=_conditions,
    is_active=st.sampled_from([True, True, False]),
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Draw a creation, an update or a deletion."""
    before = draw(st.none() | _entities)
    if before is None:
        after = draw(_entities)
        return Change(None, after, frozenset(after.attrs))
    if draw(st.booleans()):
        after = before.with_(attrs=draw(_attributes))
        return Change(
            before, after, draw(st.frozensets(st.sampled_from(NAMES))) & after.attrs.keys(), draw(st.booleans())
        )
    return Change(before, None, frozenset(before.attrs))
