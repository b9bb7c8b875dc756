"""Answers to batches, kept and given again."""

from services.broker.operations.mutation import NotUpdated, Outcome
from services.broker.operations.stored_answers import Result, from_json, to_json
from services.kernel.errors import NotFound


def test_results_come_back_as_they_were_in_their_order() -> None:
    refused = Outcome(updated=("level",), not_updated=(NotUpdated("flow", "It is there"),))
    results: list[Result] = [Outcome(created=True), *[Outcome(updated=("level", "flow"))] * 200, refused, Outcome()]
    assert from_json(to_json(results)) == results
    assert len(to_json(results)) == 4


def test_errors_come_back_with_their_words_each_on_its_own() -> None:
    ids = ("urn:a:1", "urn:a:2")
    errors: list[Result] = [NotFound(f"Entity {each} does not exist", field="id", id=each) for each in ids]
    told = from_json(to_json(errors))
    assert [(type(each), each.detail, each.field, each.more) for each in told if isinstance(each, NotFound)] == [
        (NotFound, f"Entity {each} does not exist", "id", {"id": each}) for each in ids
    ]
