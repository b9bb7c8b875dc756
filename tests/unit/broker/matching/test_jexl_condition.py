"""NGSIv2's jexlExpression: a condition beside the others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.names import DEFAULT_VOCABULARY, Context
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import find_matches
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_subscription import checked, subscription_of
from services.kernel.errors import BadData

NAMES = Names(Context({}, "http://context.test/"))
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def gauge(level: Any) -> Entity:
    instance = {
        "kind": "Property",
        "type": "Number",
        "value": level,
        "subs": {DEFAULT_VOCABULARY + "accuracy": [{"kind": "Property", "value": 0.1}]},
    }
    return Entity("g", (DEFAULT_VOCABULARY + "Gauge",), {DEFAULT_VOCABULARY + "level": [instance]})


def is_due(expression: str, before: Entity | None, after: Entity) -> bool:
    body = {
        "subject": {
            "entities": [{"idPattern": ".*", "type": "Gauge"}],
            "condition": {"jexlExpression": expression, "expression": {"q": "level<100"}},
        },
        "notification": {"http": {"url": "http://receiver.test/"}},
    }
    subscription = subscription_of("s", checked(body, NAMES), "/#", NAMES)
    return bool(find_matches(SubscriptionIndex([subscription]), Change(before, after), NOW))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("level > 5 && type == 'Gauge' && id == 'g'", True),
        ("level > 50", False),
        ("level - metadata.level.previousValue >= 4", True),
        ("metadata.level.accuracy < 1", True),
        ("metadata['level']['actionType'] == 'update'", True),
        ("level", False),
        ("missing > 1", False),
        ("servicePath == '/'", True),
    ],
)
def test_a_change_is_due_where_the_expression_is_true(expression: str, expected: bool) -> None:
    assert is_due(expression, gauge(2), gauge(6)) is expected


def test_both_conditions_must_hold() -> None:
    assert not is_due("level > 5", gauge(2), gauge(600))


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(BadData) as refused:
        is_due("level >", None, gauge(1))
    assert "jexlExpression" in str(refused.value.detail)
