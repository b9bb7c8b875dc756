"""NGSIv1's words for queries and updates, and its answers."""

from typing import Any

import pytest

from services.broker.ngsiv2.legacy_provider import entities_of, is_done, query_of, update_of


def _response(code: str = "200", **element: Any) -> dict[str, Any]:
    return {"contextElement": element, "statusCode": {"code": code}}


def test_a_query_is_written_in_ngsiv1s_words() -> None:
    asked = {"entities": [{"id": "a", "type": "T"}, {"idPattern": ".*"}], "attrs": ["x"]}
    assert query_of(asked) == {
        "entities": [{"type": "T", "isPattern": "false", "id": "a"}, {"isPattern": "true", "id": ".*"}],
        "attributes": ["x"],
    }
    assert "attributes" not in query_of({"entities": []})


def test_an_update_is_written_in_ngsiv1s_words() -> None:
    attribute = {"type": "N", "value": 1, "metadata": {"m": {"type": "T", "value": 2}}}
    sent = update_of({"entities": [{"id": "a", "type": "T", "x": attribute, "y": {"type": "N", "value": None}}]})
    assert sent["updateAction"] == "UPDATE"
    assert sent["contextElements"][0]["attributes"] == [
        {"name": "x", "type": "N", "value": 1, "metadatas": [{"name": "m", "type": "T", "value": 2}]},
        {"name": "y", "type": "N", "value": None},
    ]


def test_only_elements_that_are_there_are_read() -> None:
    good = _response(id="a", type="", attributes=[{"name": "x", "type": "", "value": "1"}])
    answer = {"contextResponses": [good, _response("404", id="b")]}
    assert entities_of(answer) == [{"id": "a", "x": {"value": "1", "metadata": {}}}]
    assert not is_done(answer)
    assert is_done({"contextResponses": [good]})
    assert not is_done({"errorCode": {"code": "404"}})


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"contextResponses": 1},
        {"contextResponses": [1]},
        {"contextResponses": [_response(attributes=1)]},
        {"contextResponses": [_response(attributes=[{"type": "T"}])]},
        {"contextResponses": [_response(attributes=[{"name": "x", "metadatas": [1]}])]},
    ],
)
def test_what_is_no_answer_is_refused(answer: Any) -> None:
    with pytest.raises(ValueError, match="NGSIv1"):
        entities_of(answer)
