"""Custom notifications of NGSIv2: macros in every part of the request."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.names import DEFAULT_VOCABULARY, Context
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import (
    Content,
    CustomRequest,
    Endpoint,
    MqttDelivery,
    Subscription,
    SubscriptionFace,
)
from services.broker.ngsiv2.names import Names
from services.broker.notify.message import HttpMessage, MqttMessage
from services.broker.notify.v2_custom import custom_message
from services.broker.notify.v2_macros import Macros, macros_of

NORMALIZED = Content()
NAMES = Names(Context({}, "http://context.test/"))
ATTRS: Attributes = {
    DEFAULT_VOCABULARY + "level": [{"kind": "Property", "type": "Number", "value": 1.5, "unitCode": "MTR"}],
    DEFAULT_VOCABULARY + "tags": [{"kind": "Property", "type": "StructuredValue", "value": ["a", "b"]}],
}
NOTICE = Notice(
    "entityUpdated",
    (Entity("gauge1", (DEFAULT_VOCABULARY + "Gauge",), ATTRS, path="/river"),),
    (),
    datetime(2026, 7, 1, tzinfo=UTC),
)


def sent(endpoint: Endpoint, content: Content = NORMALIZED) -> HttpMessage | MqttMessage:
    subscription = Subscription("s", SubscriptionFace.NGSIV2, endpoint, content=content)
    headers = {"Content-Type": "application/json", "Fiware-Correlator": "c", "Accept": "application/json"}
    return custom_message(NOTICE, subscription, NAMES, (headers, "fukui", 1.0))


def http(custom: CustomRequest, url: str = "http://receiver.test/", **members: Any) -> HttpMessage:
    message = sent(Endpoint(url, custom=custom, **members))
    assert isinstance(message, HttpMessage)
    return message


def test_macros_are_filled_into_url_query_headers_and_payload() -> None:
    custom = CustomRequest(
        method="PUT", query=(("type", "${type}"),), payload="%22${level}%22 in ${service}${servicePath} ${missing}"
    )
    message = http(custom, "http://receiver.test/${id}", headers=(("X-Level", "${level}"),))
    assert message.method == "PUT"
    assert message.url == "http://receiver.test/gauge1?type=Gauge"
    assert message.headers["X-Level"] == "1.5"
    assert message.headers["Content-Type"] == "text/plain"
    assert message.body == b'"1.5" in fukui/river null'


def test_macros_in_json_keep_their_type_where_they_stand_alone() -> None:
    message = http(CustomRequest(json={"level": "${level}", "all": ["${tags}", "${none}"], "text": "is ${level}"}))
    assert orjson.loads(message.body or b"") == {"level": 1.5, "all": [["a", "b"], None], "text": "is 1.5"}


def test_no_payload_means_no_body_and_an_empty_one_the_usual() -> None:
    assert http(CustomRequest(no_body=True)).body is None
    assert orjson.loads(http(CustomRequest(payload="")).body or b"")["subscriptionId"] == "s"


def test_an_empty_header_removes_and_fixed_headers_stay() -> None:
    message = http(CustomRequest(), headers=(("accept", ""), ("Fiware-Correlator", "mine")))
    assert "Accept" not in message.headers
    assert message.headers["Fiware-Correlator"] == "c"


def test_an_ngsi_patch_is_put_over_the_entity() -> None:
    patch = {"level": {"value": "${level}", "type": "Text"}, "id": "other-${id}", "type": "${level}"}
    entity = orjson.loads(http(CustomRequest(ngsi=patch)).body or b"")["data"][0]
    assert entity["id"] == "other-gauge1"
    assert entity["type"] == "1.5"
    assert entity["level"] == {"value": 1.5, "type": "Text", "metadata": {}}


def test_a_patch_is_evaluated_by_priority_and_before_attributes_are_chosen() -> None:
    patch = {
        "a": {"value": "${z/100}", "type": "Calculated"},
        "z": {"value": "${16|sqrt}", "type": "Calculated", "metadata": {"evalPriority": {"value": 1}}},
    }
    endpoint = Endpoint("http://receiver.test/", custom=CustomRequest(ngsi=patch))
    message = sent(endpoint, Content(original_attributes=("a",), format="keyValues"))
    assert orjson.loads(message.body or b"")["data"] == [{"id": "gauge1", "type": "Gauge", "a": 0.04}]


def test_macros_are_expressions_and_what_fails_is_null() -> None:
    template = {
        "double": "${level*2}",
        "object": "${{high:level>1, first:tags[0]}}",
        "text": "is ${level|toFixed(0)} } ${'}'}",
        "unit": "${metadata.level.unitCode}",
        "unknown": "${level|unheardOf}",
        "broken": "${level +}",
        "open": "${level",
        "${level}": 1,
    }
    assert orjson.loads(http(CustomRequest(json=template)).body or b"") == {
        "double": 3,
        "object": {"high": True, "first": "a"},
        "text": "is 2 } }",
        "unit": "MTR",
        "unknown": None,
        "broken": None,
        "open": "${level",
        "${level}": 1,
    }


def test_macros_make_messages_of_a_bounded_size() -> None:
    macros = Macros({"long": "a" * 999_999}, datetime(2026, 7, 1, tzinfo=UTC))
    assert macros.text("${long}" * 9) == "a" * (8 * 999_999) + "null"
    assert macros.json(["${long}", "${1 + 1}"]) == [None, 2]


def test_a_name_that_reads_as_an_expression_is_a_name_first() -> None:
    attrs: Attributes = {DEFAULT_VOCABULARY + "water-level": [{"kind": "Property", "type": "Number", "value": 7}]}
    notice = replace(NOTICE, entities=(replace(NOTICE.entities[0], attrs=attrs),))
    assert macros_of(notice, NAMES, "").value("water-level") == 7


def test_macros_see_what_was_before() -> None:
    previous = replace(NOTICE.entities[0], attrs={DEFAULT_VOCABULARY + "level": [{"kind": "Property", "value": 1}]})
    macros = macros_of(replace(NOTICE, previous=previous), NAMES, "")
    assert macros.value("level-metadata.level.previousValue") == 0.5
    assert macros.json("${metadata.level.actionType}") == "update"


def test_macros_in_a_topic_are_filled_in() -> None:
    message = sent(Endpoint("mqtt://broker.test", custom=CustomRequest(), mqtt=MqttDelivery("${service}/${id}")))
    assert isinstance(message, MqttMessage)
    assert message.delivery.topic == "fukui/gauge1"
