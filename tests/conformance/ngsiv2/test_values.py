"""/v2/entities/{id}/attrs/{name}/value: media types of answers, and how text is understood."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows, shows_text

TEXT = {"content-type": "text/plain"}
ENTITY: dict[str, Any] = {
    "id": "e",
    "type": "T",
    "object": {"value": {"x": {"y": [1, 2]}}},
    "list": {"value": [1, "a", None]},
    "text": {"value": "foo"},
    "number": {"value": 23.5, "type": "Own", "metadata": {"m": {"value": 1}}},
    "flag": {"value": True},
    "nothing": {"value": None},
    "day": {"value": "2020-01-01", "type": "DateTime"},
}


@pytest.fixture
async def entity(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    is_done(await v2.post("/v2/entities", json=ENTITY), 201)
    return v2


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("text/plain", "text/plain"),
        ("text/*", "text/plain"),
        ("application/json, text/plain", "application/json"),
        ("text/plain, application/json", "text/plain"),
        ("text/plain;q=0.5, application/json", "application/json"),
        ("text/html, text/plain", "text/plain"),
        ("text/html", None),
        ("application/xml", None),
    ],
)
async def test_an_object_or_list_is_json_or_text_as_the_client_likes(
    entity: httpx.AsyncClient, accept: str, media_type: str | None
) -> None:
    """Get Attribute Value: the first of the two in `Accept`; weights as in issues 1037 and 1849."""
    for name in ("object", "list"):
        answer = await entity.get(f"/v2/entities/e/attrs/{name}/value", headers={"accept": accept})
        if media_type is None:
            refuses(answer, 406)
        else:
            assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
            assert answer.json() == ENTITY[name]["value"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text", '"foo"'),
        ("number", "23.5"),
        ("flag", "true"),
        ("nothing", "null"),
        ("day", '"2020-01-01T00:00:00.000Z"'),
    ],
)
async def test_every_other_value_is_text(entity: httpx.AsyncClient, name: str, text: str) -> None:
    path = f"/v2/entities/e/attrs/{name}/value"
    for accept in ("*/*", "text/plain", "text/*", "application/json, text/plain;q=0.1"):
        shows_text(await entity.get(path, headers={"accept": accept}), text)
    refuses(await entity.get(path, headers={"accept": "application/json"}), 406)


async def test_an_object_can_be_asked_for_as_text(entity: httpx.AsyncClient) -> None:
    shows_text(await entity.get("/v2/entities/e/attrs/object/value?options=text"), '{"x":{"y":[1,2]}}')


async def test_the_value_of_what_is_not_there_is_not_found(entity: httpx.AsyncClient) -> None:
    missing = "The entity does not have such an attribute"
    unknown = "The requested entity has not been found. Check type and id"
    refuses(await entity.get("/v2/entities/e/attrs/none/value"), 404, description=missing)
    refuses(await entity.get("/v2/entities/none/attrs/text/value"), 404, description=unknown)
    refuses(await entity.get("/v2/entities/e/attrs/text/value?type=Other"), 404, description=unknown)
    put = {"content": b"1", "headers": TEXT}
    refuses(await entity.put("/v2/entities/e/attrs/none/value", **put), 404, description=missing)
    refuses(await entity.put("/v2/entities/none/attrs/text/value", **put), 404, description=unknown)


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ('"text"', "text"),
        ('""', ""),
        ('"10"', "10"),
        ('"true"', "true"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("10", 10),
        ("-5.50", -5.5),
        ("1e3", 1000),
        ("10.0", 10),
        (" 7 ", 7),
        ('"北"', "北"),
    ],
)
async def test_text_is_read_as_a_value_that_leaves_type_and_metadata(
    entity: httpx.AsyncClient, sent: str, value: object
) -> None:
    """Update Attribute Value: quoted text, true, false, null, else a number."""
    is_done(await entity.put("/v2/entities/e/attrs/number/value", content=sent.encode(), headers=TEXT))
    shows(
        await entity.get("/v2/entities/e/attrs/number"),
        {"type": "Own", "value": value, "metadata": {"m": {"type": "Number", "value": 1}}},
    )


@pytest.mark.parametrize(
    "sent", ["text", '"text', 'text"', "True", "NULL", "5 apples", "0x10", "Infinity", "[1]", '"<b>"', '"a"b"', '"("']
)
async def test_other_text_is_refused_and_changes_nothing(entity: httpx.AsyncClient, sent: str) -> None:
    refuses(await entity.put("/v2/entities/e/attrs/number/value", content=sent.encode(), headers=TEXT), 400)
    shows_text(await entity.get("/v2/entities/e/attrs/number/value"), "23.5")


@pytest.mark.parametrize("value", [{}, [], {"a": {"b": [None, True]}}, [[1], {"x": "y"}]])
async def test_json_is_an_object_or_a_list(entity: httpx.AsyncClient, value: object) -> None:
    is_done(await entity.put("/v2/entities/e/attrs/text/value", json=value))
    shows(await entity.get("/v2/entities/e/attrs/text"), {"type": "Text", "value": value, "metadata": {}})


@pytest.mark.parametrize("sent", ["7", '"foo"', "true", "null", "[1,", "{"])
async def test_other_json_is_a_parse_error(entity: httpx.AsyncClient, sent: str) -> None:
    json = {"content-type": "application/json"}
    refuses(await entity.put("/v2/entities/e/attrs/text/value", content=sent.encode(), headers=json), 400, "ParseError")


async def test_json_keeps_the_general_rules(entity: httpx.AsyncClient) -> None:
    """Orion's issue 1905: forbidden characters in values of this operation too."""
    refuses(await entity.put("/v2/entities/e/attrs/text/value", json=["(a"]), 400)
    refuses(await entity.put("/v2/entities/e/attrs/text/value", json={"k": {"x": "a=b"}}), 400)
    shows_text(await entity.get("/v2/entities/e/attrs/text/value"), '"foo"')


async def test_a_date_stays_a_date(entity: httpx.AsyncClient) -> None:
    """Orion's issues 1885 and 1904."""
    path = "/v2/entities/e/attrs/day/value"
    is_done(await entity.put(path, content=b'"2021-02-03T10:00+02"', headers=TEXT))
    shows_text(await entity.get(path), '"2021-02-03T08:00:00.000Z"')
    refuses(await entity.put(path, content=b'"tomorrow"', headers=TEXT), 400)
    refuses(await entity.put(path, json={"a": 1}), 400)
    is_done(await entity.put(path, content=b"null", headers=TEXT))
    shows(await entity.get(path[: -len("/value")]), {"type": "DateTime", "value": None, "metadata": {}})
