"""Attributes of requests as stored instances."""

from services.broker.domain.names import DEFAULT_VOCABULARY, Context
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_attribute import read_attribute
from services.broker.ngsiv2.render import render_attribute

NAMES = Names(Context({}, "x"))


def test_unit_and_time_of_observation_are_where_ngsi_ld_has_them() -> None:
    sent = {
        "type": "Number",
        "value": 3,
        "metadata": {
            "unitCode": {"type": "Text", "value": "MTR"},
            "observedAt": {"type": "DateTime", "value": "2024-01-01T09:00:00+09:00"},
            "TimeInstant": {"type": "DateTime", "value": "2024-01-01T00:00:00.000Z"},
        },
    }
    instance = read_attribute(sent, NAMES)
    assert instance["unitCode"] == "MTR"
    assert instance["observedAt"] == "2024-01-01T00:00:00.000Z"
    assert list(instance["subs"]) == [DEFAULT_VOCABULARY + "TimeInstant"]
    shown = render_attribute(instance, None, NAMES)
    sent["metadata"]["observedAt"]["value"] = "2024-01-01T00:00:00.000Z"  # type: ignore[index]
    assert shown == sent


def test_a_unit_of_another_type_keeps_its_type() -> None:
    sent = {"type": "Number", "value": 3, "metadata": {"unitCode": {"type": "String", "value": "CEL"}}}
    instance = read_attribute(sent, NAMES)
    assert instance["unitCode"] == "CEL"
    assert render_attribute(instance, None, NAMES) == sent


def test_a_unit_that_is_no_text_stays_metadata() -> None:
    sent = {"type": "Number", "value": 3, "metadata": {"unitCode": {"type": "Number", "value": 7}}}
    instance = read_attribute(sent, NAMES)
    assert "unitCode" not in instance
    assert render_attribute(instance, None, NAMES) == sent


def test_whole_numbers_lose_their_decimals() -> None:
    assert read_attribute({"value": [3.0, 2.5]}, NAMES)["value"] == [3, 2.5]
    assert isinstance(read_attribute({"value": 21.0}, NAMES)["value"], int)
