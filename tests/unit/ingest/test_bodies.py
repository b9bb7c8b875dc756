"""Bodies of the provisioning API: what breaks a rule is refused by the field."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.ingest.http.device_bodies import DeviceBody
from services.ingest.http.group_bodies import GroupBody
from tests.support.ingest import GROUP


def fault(kind: type[GroupBody] | type[DeviceBody], fields: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(fields)
    first = caught.value.errors()[0]
    return ".".join(str(part) for part in first["loc"]) + ": " + first["msg"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"apikey": None}, "apikey"),
        ({"apikey": "a\u0000"}, "apikey"),
        ({"resource": 5}, "resource"),
        ({"entity_type": "a<b"}, "entity_type"),
        ({"attributes": [{"object_id": "a;b"}]}, "cannot be named a;b"),
        ({"attributes": [{"name": "a", "expression": "${@t}"}]}, "the legacy language"),
        ({"attributes": [{"type": "Number"}]}, "attributes.0: Value error, an attribute needs a name"),
        ({"attributes": [{"name": "a", "expression": "t*"}]}, "attributes.0: Value error, expression"),
        ({"attributes": [{"name": "a", "expression": "t|shout"}]}, "there is no transformation shout"),
        ({"attributes": [{"name": "a", "metadata": {"m": {"expression": "("}}}]}, "Value error, m: "),
        ({"attributes": [{"name": "type"}]}, "cannot be named type"),
        ({"static_attributes": [{"name": "a", "type": "Number", "value": "x"}]}, "value of a: 'x' is not a number"),
        ({"static_attributes": [{"name": "a", "value": 1, "link": {}}]}, "link: attributes must be a list"),
        ({"explicitAttrs": "['a'"}, "explicitAttrs"),
        ({"explicitAttrs": [{"name": "a"}]}, "explicitAttrs: items are names"),
        ({"explicitAttrs": 5}, "explicitAttrs must be"),
        ({"entityNameExp": "id +"}, "entityNameExp"),
        ({"payloadType": "xml"}, "payloadType"),
        ({"expressionLanguage": "legacy"}, "expressionLanguage"),
        ({"commands": [{"name": "c", "expression": "x|"}]}, "expression of command c"),
        ({"commands": [{"type": "command"}]}, "a command needs a name"),
        ({"commands": [{"name": "c", "payloadType": "xml"}]}, "payloadType of command c"),
        ({"commands": [{"name": "c", "mqtt": {"qos": 3}}]}, "mqtt.qos of command c"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"derivations": [{"name": "a", "kind": "sum", "of": "b", "thresholds": ["c"]}]}, "derivations.0.kind"),
        ({"derivations": [{"name": "a", "kind": "rank-of-threshold", "of": "b"}]}, "derivations.0.thresholds"),
    ],
)
def test_a_group_that_breaks_a_rule_is_refused_by_the_field(change: dict[str, Any], words: str) -> None:
    assert words in fault(GroupBody, {**GROUP, **change})


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({}, "device_id"),
        ({"device_id": ""}, "device_id"),
        ({"device_id": "a\u0000"}, "device_id"),
        ({"device_id": "d", "polling": "maybe"}, "polling"),
        ({"device_id": "d", "internal_attributes": [{"a": "\u0000"}]}, "a text contains the character NUL"),
        ({"device_id": "d", "unknown": "\u0000"}, "a text contains the character NUL"),
    ],
)
def test_a_device_that_breaks_a_rule_is_refused_by_the_field(device: dict[str, Any], words: str) -> None:
    assert words in fault(DeviceBody, device)


def test_what_is_stored_is_what_was_sent() -> None:
    fields = {**GROUP, "cmdMode": "legacy", "ngsiVersion": "ld", "timezone": None}
    assert GroupBody.model_validate(fields).stored() == fields


def test_fields_outside_the_model_are_named_with_their_place() -> None:
    attributes = [{"name": "a"}, {"name": "b", "typo": 1}]
    body = GroupBody.model_validate(
        {**GROUP, "atributes": [], "attributes": attributes, "lazy": [{"name": "c", "d": 1}]}
    )
    assert sorted(body.ignored()) == ["atributes", "attributes.1.typo", "lazy.0.d"]
    assert list(GroupBody.model_validate({**GROUP, "description": "x"}).ignored()) == []


def test_with_ngsi_v2_static_values_are_not_held_against_their_type() -> None:
    static = [{"name": "a", "type": "Number", "value": {"v1": 1}}]
    fields = {**GROUP, "static_attributes": static}
    assert "value of a" in fault(GroupBody, fields)
    assert GroupBody.model_validate({**fields, "ngsiVersion": "v2"}).stored()["static_attributes"] == static
