"""What names, types and values may be made of (General and Identifiers syntax restrictions)."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows

FORBIDDEN = "<>\"'=;()"
NOT_IN_NAMES = "&?/# \t\né"
LONGEST = "x" * 256
TOO_LONG = "x" * 257


def _entity_with(field: str, text: Any) -> dict[str, Any]:
    """Return an entity in which one of the six identifiers is the text."""
    names = {"id": "e", "type": "T", "attribute": "a", "attribute type": "X", "metadata": "m", "metadata type": "Y"}
    names[field] = text
    metadata = {names["metadata"]: {"value": 1, "type": names["metadata type"]}}
    attribute = {"value": 1, "type": names["attribute type"], "metadata": metadata}
    return {"id": names["id"], "type": names["type"], names["attribute"]: attribute}


FIELDS = ["id", "type", "attribute", "attribute type", "metadata", "metadata type"]
TYPED = ["id", "type", "attribute type", "metadata type"]


@pytest.mark.parametrize("field", FIELDS)
async def test_identifiers_have_1_to_256_characters_of_plain_ascii(v2: httpx.AsyncClient, field: str) -> None:
    for bad in ("", TOO_LONG, *(f"a{character}b" for character in FORBIDDEN + NOT_IN_NAMES)):
        entity = _entity_with(field, bad)
        refuses(await v2.post("/v2/entities", json=entity), 400, "BadRequest")
        refuses(await v2.post("/v2/op/update", json={"actionType": "append", "entities": [entity]}), 400)
    shows(await v2.get("/v2/entities"), [])
    for good in (
        LONGEST,
        "a:b",
        "a-b",
        "a.b",
        "$a",
        "a_b",
        "a%b",
        "a,b",
        "a|b",
        "a@b",
        "[a]",
        "{a}",
        "a!b",
        "a*",
        "~^\\`",
    ):
        is_done(await v2.post("/v2/entities?options=upsert", json=_entity_with(field, good)))


@pytest.mark.parametrize("field", TYPED)
@pytest.mark.parametrize("value", [None, 7, True, ["a"], {"a": 1}])
async def test_ids_and_types_are_texts(v2: httpx.AsyncClient, field: str, value: Any) -> None:
    refuses(await v2.post("/v2/entities", json=_entity_with(field, value)), 400, "BadRequest")


@pytest.mark.parametrize("name", ["geo:distance", "*"])
async def test_reserved_names_are_no_attributes(v2: httpx.AsyncClient, name: str) -> None:
    refuses(await v2.post("/v2/entities", json={"id": "e", name: {"value": 1}}), 400)
    is_done(await v2.post("/v2/entities", json={"id": "e"}), 201)
    refuses(await v2.post("/v2/entities/e/attrs", json={name: {"value": 1}}), 400)
    refuses(await v2.put("/v2/entities/e/attrs", json={name: {"value": 1}}), 400)
    refuses(await v2.put(f"/v2/entities/e/attrs/{name}", json={"value": 1}), 400)


@pytest.mark.parametrize("character", FORBIDDEN)
async def test_values_have_no_forbidden_characters(v2: httpx.AsyncClient, character: str) -> None:
    """In texts, and in keys and texts at any depth, of attributes and metadata, in every way to write them."""
    is_done(await v2.post("/v2/entities", json={"id": "e", "type": "T", "a": {"value": 1}}), 201)
    text = f"x{character}y"
    for value in (text, [text], {"k": text}, {text: 1}, {"k": [{"l": [text]}]}):
        refuses(await v2.post("/v2/entities", json={"id": "f", "a": {"value": value}}), 400)
        refuses(await v2.post("/v2/entities?options=keyValues", json={"id": "f", "a": value}), 400)
        refuses(await v2.patch("/v2/entities/e/attrs", json={"a": {"value": value}}), 400)
        refuses(await v2.put("/v2/entities/e/attrs/a", json={"value": value}), 400)
        metadata = {"value": 1, "metadata": {"m": {"value": value}}}
        refuses(await v2.put("/v2/entities/e/attrs/a", json=metadata), 400)
        batch = {"actionType": "append", "entities": [{"id": "f", "a": {"value": value}}]}
        refuses(await v2.post("/v2/op/update", json=batch), 400)
    shows(await v2.get("/v2/entities?options=keyValues"), [{"id": "e", "type": "T", "a": 1}])


async def test_unrestricted_text_is_free_at_any_depth(v2: httpx.AsyncClient) -> None:
    """Special attribute types and metadata; issues 3550, 3867 and 4792."""
    value = {"k(": ["<a href='x'>", {"l": 'say "x"; y=z'}]}
    by_type = {"type": "TextUnrestricted", "value": value}
    flag = {"TextUnrestricted": {"type": "Boolean", "value": True}}
    by_metadata = {"type": "Own", "value": value, "metadata": flag}
    is_done(await v2.post("/v2/entities", json={"id": "e", "a": by_type, "b": by_metadata}), 201)
    shows(await v2.get("/v2/entities/e/attrs/a"), {**by_type, "metadata": {}})
    shows(await v2.get("/v2/entities/e/attrs/b"), by_metadata)
    off = {**by_metadata, "metadata": {"TextUnrestricted": {"type": "Boolean", "value": False}}}
    refuses(await v2.put("/v2/entities/e/attrs/b", json=off), 400)


@pytest.mark.parametrize(
    "name", ["e%3Cx%3E", "e%20x", "e%2Fx", "e%23x", "e%3Fx", "e%26x", "e%22x", "e(x)", "é", TOO_LONG]
)
async def test_paths_keep_the_rules_too(v2: httpx.AsyncClient, name: str) -> None:
    refuses(await v2.get(f"/v2/entities/{name}"), 400)
    refuses(await v2.delete(f"/v2/entities/{name}"), 400)
    refuses(await v2.patch(f"/v2/entities/{name}/attrs", json={"a": {"value": 1}}), 400)
    refuses(await v2.put(f"/v2/entities/e/attrs/{name}", json={"value": 1}), 400)
    refuses(await v2.get(f"/v2/entities?id={name}"), 400)
    refuses(await v2.get(f"/v2/entities?type={name}"), 400)
    refuses(await v2.get(f"/v2/entities/e?type={name}"), 400)


async def test_a_percent_sign_is_written_percent_encoded(v2: httpx.AsyncClient) -> None:
    """The manual's example: the id `E%3C01%3E` is `E%253C01%253E` in a path."""
    created = await v2.post("/v2/entities", json={"id": "E%3C01%3E", "type": "T"})
    is_done(created, 201, location="/v2/entities/E%3C01%3E?type=T")
    shows(await v2.get("/v2/entities/E%253C01%253E"), {"id": "E%3C01%3E", "type": "T"})


async def test_a_plus_sign_is_one_in_paths(v2: httpx.AsyncClient) -> None:
    """Orion's issue 1675."""
    is_done(await v2.post("/v2/entities", json={"id": "a+b", "type": "T"}), 201)
    shows(await v2.get("/v2/entities/a+b"), {"id": "a+b", "type": "T"})
    shows(await v2.get("/v2/entities?id=a%2Bb"), [{"id": "a+b", "type": "T"}])


@pytest.mark.parametrize(
    "attribute",
    [
        7,
        "text",
        [1],
        None,
        {"value": 1, "other": 2},
        {"value": 1, "metadata": []},
        {"value": 1, "metadata": None},
        {"value": 1, "metadata": {"m": 7}},
        {"value": 1, "metadata": {"m": {"value": 1, "other": 2}}},
        {"value": 1, "metadata": {"*": {"value": 1}}},
    ],
)
async def test_a_malformed_attribute_is_refused_wherever_it_is_sent(v2: httpx.AsyncClient, attribute: Any) -> None:
    is_done(await v2.post("/v2/entities", json={"id": "e", "a": {"value": 1}}), 201)
    entity = {"id": "f", "a": attribute}
    refuses(await v2.post("/v2/entities", json=entity), 400)
    refuses(await v2.post("/v2/entities/e/attrs", json={"a": attribute}), 400)
    refuses(await v2.patch("/v2/entities/e/attrs", json={"a": attribute}), 400)
    refuses(await v2.put("/v2/entities/e/attrs", json={"a": attribute}), 400)
    refuses(await v2.post("/v2/op/update", json={"actionType": "append", "entities": [entity]}), 400)
    refuses(await v2.post("/v2/op/notify", json={"subscriptionId": "x", "data": [entity]}), 400)


async def test_null_characters_and_lone_surrogates_are_refused(v2: httpx.AsyncClient) -> None:
    json = {"content-type": "application/json"}
    for value in (rb"x\u0000", rb"\ud800"):
        body = b'{"id": "e", "a": {"value": "' + value + b'"}}'
        assert (await v2.post("/v2/entities", content=body, headers=json)).status_code == 400
    shows(await v2.get("/v2/entities"), [])
