"""The order of attributes, which jsonb does not keep."""

import json

from services.broker.domain.attribute import Attributes
from services.broker.domain.attribute_order import RANK, in_order, ranked, unranked


def _attributes(*names: str) -> Attributes:
    return {name: [{"kind": "Property", "value": name}] for name in names}


def _stored(attributes: Attributes) -> Attributes:
    """Return attributes as jsonb gives them back: by length, then by bytes."""
    copied = json.loads(json.dumps(attributes))
    return dict(sorted(copied.items(), key=lambda item: (len(item[0].encode()), item[0].encode())))


def _names(attributes: Attributes) -> list[str]:
    return [name for name, _ in in_order(attributes)]


def test_attributes_come_back_as_they_were_written() -> None:
    for names in (("b", "a"), ("long", "b", "a"), ("a", "b", "long"), ("水位", "a"), ()):
        assert _names(_stored(ranked({}, _attributes(*names)))) == list(names)


def test_the_order_of_jsonb_needs_no_rank() -> None:
    assert not any(RANK in each[0] for each in ranked({}, _attributes("a", "b", "long")).values())


def test_added_attributes_come_last() -> None:
    there = _stored(ranked({}, _attributes("long", "z")))
    after = _stored(ranked(there, {**there, **_attributes("b", "a")}))
    assert _names(after) == ["long", "z", "b", "a"]
    again = _stored(ranked(after, {**after, **_attributes("0")}))
    assert _names(again) == ["long", "z", "b", "a", "0"]


def test_added_attributes_come_behind_those_without_rank() -> None:
    there = _stored(ranked({}, _attributes("b", "long")))
    assert _names(_stored(ranked(there, {**there, **_attributes("a")}))) == ["b", "long", "a"]


def test_an_order_is_forgotten_where_all_is_replaced() -> None:
    there = ranked({}, _attributes("b", "a"))
    assert _names(_stored(unranked(there))) == ["a", "b"]
