"""Update operators in values (Update operators for attribute values)."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows


async def _apply(v2: httpx.AsyncClient, before: Any, operator: Any, type_name: str) -> httpx.Response:
    entity = {"id": "E", "type": "T", "A": {"value": before, "type": type_name}}
    is_done(await v2.post("/v2/entities", json=entity), 201)
    return await v2.put("/v2/entities/E/attrs/A", json={"value": operator, "type": type_name})


@pytest.mark.parametrize(
    ("before", "operator", "after"),
    [
        (10, {"$inc": 2}, 12),
        (10, {"$inc": -2.5}, 7.5),
        (10, {"$mul": 2}, 20),
        (3, {"$mul": 0.5}, 1.5),
        (10, {"$min": 2}, 2),
        (10, {"$min": 20}, 10),
        (10, {"$max": 12}, 12),
        (10, {"$max": 4}, 10),
        ("m", {"$min": "b"}, "b"),
        ("m", {"$max": "z"}, "z"),
        (10, {"$max": "text"}, "text"),
        (10, {"$min": "text"}, 10),
        (True, {"$min": [1]}, [1]),
        ([1, 2, 3], {"$push": 3}, [1, 2, 3, 3]),
        ([1, 2], {"$push": {"$each": [4, 5]}}, [1, 2, 4, 5]),
        ([1, 2], {"$push": {"$each": [-1, 0], "$position": 0}}, [-1, 0, 1, 2]),
        ([1, 2], {"$push": {"k": "v"}}, [1, 2, {"k": "v"}]),
        ([1, 2, 3], {"$addToSet": 4}, [1, 2, 3, 4]),
        ([1, 2, 3], {"$addToSet": 3}, [1, 2, 3]),
        ([1, 2], {"$addToSet": {"$each": [2, 3]}}, [1, 2, 3]),
        ([1, 2, 3, 2], {"$pull": 2}, [1, 3]),
        ([1, 2, 3], {"$pullAll": [2, 3]}, [1]),
        ({"X": 1, "Y": 2}, {"$set": {"Y": 20, "Z": 30}}, {"X": 1, "Y": 20, "Z": 30}),
        ({}, {"$set": {"X": 1}}, {"X": 1}),
        ({"X": 1, "Y": 2}, {"$set": "foo"}, "foo"),
        ({"X": 1, "Y": 2}, {"$unset": {"X": 1}}, {"Y": 2}),
        ({"X": 1, "Y": 2}, {"$unset": {"X": None, "Q": 1}}, {"Y": 2}),
        ({"X": 1, "Y": 2}, {"$unset": "X"}, {"X": 1, "Y": 2}),
        ({"X": 1, "Y": 2}, {"$set": {"Z": 3}, "$unset": {"X": 1}}, {"Y": 2, "Z": 3}),
        ({"X": 1}, {"$other": 1}, {"$other": 1}),
    ],
)
async def test_an_operator_changes_the_stored_value(
    v2: httpx.AsyncClient, before: Any, operator: Any, after: Any
) -> None:
    is_done(await _apply(v2, before, operator, "Own"))
    shows(await v2.get("/v2/entities/E/attrs/A"), {"type": "Own", "value": after, "metadata": {}})


@pytest.mark.parametrize(
    ("operator", "after"),
    [
        ({"$max": "2021-05-06"}, "2021-05-06T00:00:00.000Z"),
        ({"$max": "2019-05-06"}, "2020-01-01T00:00:00.000Z"),
        ({"$min": "2019-05-06T10:00+02"}, "2019-05-06T08:00:00.000Z"),
    ],
)
async def test_dates_are_compared_as_dates(v2: httpx.AsyncClient, operator: Any, after: str) -> None:
    """Orion's issue 4585."""
    is_done(await _apply(v2, "2020-01-01", operator, "DateTime"))
    shows(await v2.get("/v2/entities/E/attrs/A"), {"type": "DateTime", "value": after, "metadata": {}})


@pytest.mark.parametrize(
    ("before", "operator"),
    [
        (10, {"$inc": "foo"}),
        ("foo", {"$inc": 1}),
        (10, {"$mul": [2]}),
        ("foo", {"$push": 1}),
        (10, {"$addToSet": 1}),
        (10, {"$pull": 1}),
        ([1], {"$pullAll": 1}),
        ("foo", {"$set": {"X": 1}}),
        ("foo", {"$unset": {"X": 1}}),
        ({"X": 1}, {"$set": {"X": 20}, "$unset": {"X": 1}}),
    ],
)
async def test_an_operator_that_does_not_fit_answers_as_orion_does(
    v2: httpx.AsyncClient, before: Any, operator: Any
) -> None:
    """How Orion deals with operators: 500 InternalServerError is documented. Nothing is written."""
    refuses(await _apply(v2, before, operator, "Own"), 500)
    shows(await v2.get("/v2/entities/E/attrs/A"), {"type": "Own", "value": before, "metadata": {}})


async def test_operators_work_in_new_entities(v2: httpx.AsyncClient) -> None:
    """Usage in create or replace entity operations: from 0, the epoch, {} and []; the others create nothing."""
    attributes = {
        "inc": {"value": {"$inc": 4}, "type": "Number"},
        "mul": {"value": {"$mul": 1000}, "type": "Number"},
        "min": {"value": {"$min": -5}, "type": "Number"},
        "max": {"value": {"$max": -5}, "type": "Number"},
        "late": {"value": {"$max": "2020-01-01"}, "type": "DateTime"},
        "early": {"value": {"$min": "2020-01-01"}, "type": "DateTime"},
        "set": {"value": {"$set": {"X": 1}}, "type": "Object"},
        "push": {"value": {"$push": 4}, "type": "Array"},
        "add": {"value": {"$addToSet": 4}, "type": "Array"},
        "pull": {"value": {"$pull": 4}, "type": "Array"},
        "pulls": {"value": {"$pullAll": [4]}, "type": "Array"},
        "unset": {"value": {"$unset": {"X": 1}}, "type": "Object"},
    }
    expected = {
        "inc": 4,
        "mul": 0,
        "min": -5,
        "max": 0,
        "late": "2020-01-01T00:00:00.000Z",
        "early": "1970-01-01T00:00:00.000Z",
        "set": {"X": 1},
        "push": [4],
        "add": [4],
    }
    expected = dict(sorted(expected.items()))
    is_done(await v2.post("/v2/entities", json={"id": "E", "type": "T", **attributes}), 201)
    shows(await v2.get("/v2/entities/E?options=keyValues"), {"id": "E", "type": "T", **expected})
    is_done(await v2.put("/v2/entities/E/attrs", json=attributes))
    shows(await v2.get("/v2/entities/E?options=keyValues"), {"id": "E", "type": "T", **expected})
    batch = {"actionType": "append", "entities": [{"id": "F", "type": "T", **attributes}]}
    is_done(await v2.post("/v2/op/update", json=batch))
    shows(await v2.get("/v2/entities/F?options=keyValues"), {"id": "F", "type": "T", **expected})


async def test_an_operator_works_in_every_update(v2: httpx.AsyncClient) -> None:
    is_done(await v2.post("/v2/entities", json={"id": "E", "type": "T", "A": {"value": 0}}), 201)
    more = {"A": {"value": {"$inc": 1}, "type": "Number"}}
    is_done(await v2.patch("/v2/entities/E/attrs", json=more))
    is_done(await v2.post("/v2/entities/E/attrs", json=more))
    is_done(await v2.put("/v2/entities/E/attrs/A", json=more["A"]))
    is_done(await v2.put("/v2/entities/E/attrs/A/value", json=more["A"]["value"]))
    is_done(await v2.patch("/v2/entities/E/attrs?options=keyValues", json={"A": {"$inc": 1}}))
    is_done(await v2.post("/v2/op/update", json={"actionType": "update", "entities": [{"id": "E", **more}]}))
    shows(await v2.get("/v2/entities/E/attrs/A"), {"type": "Number", "value": 6, "metadata": {}})
