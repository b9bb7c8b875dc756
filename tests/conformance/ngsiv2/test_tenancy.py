"""`Fiware-Service` and `Fiware-ServicePath`."""

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows

TEN_LEVELS = "/a" * 10


@pytest.mark.parametrize("name", ["a-b", "a b", "a.b", "/a", "a,b", "x" * 51])
async def test_a_bad_tenant_is_refused(v2: httpx.AsyncClient, name: str) -> None:
    refuses(await v2.get("/v2/entities", headers={"fiware-service": name}), 400)


async def test_tenants_are_named_in_any_case(v2: httpx.AsyncClient) -> None:
    name = v2.headers["fiware-service"]
    is_done(await v2.post("/v2/entities", json={"id": "e"}, headers={"fiware-service": name.upper()}), 201)
    shows(await v2.get("/v2/entities?options=keyValues"), [{"id": "e", "type": "Thing"}])


async def test_a_tenant_that_was_never_written_to_is_empty(v2: httpx.AsyncClient) -> None:
    unseen = {"fiware-service": "unseen"}
    shows(await v2.get("/v2/entities", headers=unseen), [])
    shows(await v2.get("/v2/types?options=count", headers=unseen), [], fiware_total_count="0")
    refuses(await v2.get("/v2/entities/e", headers=unseen), 404)


@pytest.mark.parametrize(
    "path", ["parks", "/a/b c", "/a-b", "/" + "x" * 51, "/a" * 11, "/a/#/b", "#", "//", "/a//b", "//a", ","]
)
async def test_a_bad_service_path_is_refused(v2: httpx.AsyncClient, path: str) -> None:
    """Levels must not be empty (issues 2772 and 4495); at most ten of at most fifty characters."""
    headers = {"fiware-servicepath": path}
    refuses(await v2.post("/v2/entities", json={"id": "e"}, headers=headers), 400)
    refuses(await v2.get("/v2/entities", headers=headers), 400)
    refuses(await v2.get("/v2/entities/e", headers=headers), 400)
    refuses(await v2.get("/v2/types", headers=headers), 400)
    refuses(await v2.post("/v2/op/query", json={"entities": [{"id": "e"}]}, headers=headers), 400)


@pytest.mark.parametrize("path", ["/a,/b", "/#", "/a/#"])
async def test_an_update_names_one_path(v2: httpx.AsyncClient, path: str) -> None:
    """Orion's issues 3071 and 3640."""
    headers = {"fiware-servicepath": path}
    attribute = {"a": {"value": 1}}
    for refused in (
        await v2.post("/v2/entities", json={"id": "e"}, headers=headers),
        await v2.delete("/v2/entities/e", headers=headers),
        await v2.patch("/v2/entities/e/attrs", json=attribute, headers=headers),
        await v2.put("/v2/entities/e/attrs/a", json=attribute["a"], headers=headers),
        await v2.delete("/v2/entities/e/attrs/a", headers=headers),
        await v2.post("/v2/op/update", json={"actionType": "append", "entities": [{"id": "e"}]}, headers=headers),
    ):
        refuses(refused, 400)


@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/A_1", "/" + "x" * 50, TEN_LEVELS])
async def test_a_good_service_path_is_taken(v2: httpx.AsyncClient, path: str) -> None:
    headers = {"fiware-servicepath": path}
    is_done(await v2.post("/v2/entities", json={"id": "e"}, headers=headers), 201)
    found = (await v2.get("/v2/entities?options=values&attrs=servicePath", headers=headers)).json()
    assert found == [[path.rstrip("/") or "/"]]


async def test_a_query_names_at_most_ten_paths(v2: httpx.AsyncClient) -> None:
    paths = [f"/p{number}" for number in range(11)]
    shows(await v2.get("/v2/entities", headers={"fiware-servicepath": ",".join(paths[:10])}), [])
    refuses(await v2.get("/v2/entities", headers={"fiware-servicepath": ",".join(paths)}), 400)


async def test_service_paths_keep_entities_apart(v2: httpx.AsyncClient) -> None:
    for path in ("/", "/a", "/a/b", "/ab"):
        entity = {"id": "e", "type": "T", "p": {"value": path}}
        is_done(await v2.post("/v2/entities", json=entity, headers={"fiware-servicepath": path}), 201)

    async def seen(path: str | None) -> list[str]:
        headers = {} if path is None else {"fiware-servicepath": path}
        answer = await v2.get("/v2/entities?options=values&attrs=p", headers=headers)
        return [values[0] for values in answer.json()]

    assert await seen(None) == ["/", "/a", "/a/b", "/ab"]
    assert await seen("/#") == ["/", "/a", "/a/b", "/ab"]
    assert await seen("/") == ["/"]
    assert await seen("/a/") == ["/a"]
    assert await seen("/a/#") == ["/a", "/a/b"]
    assert await seen("/ab, /a/b") == ["/a/b", "/ab"]
    is_done(await v2.patch("/v2/entities/e/attrs", json={"p": {"value": "new"}}))
    assert await seen("/") == ["new"]
    refuses(await v2.get("/v2/entities/e"), 409)
    one = await v2.get("/v2/entities/e/attrs/p/value", headers={"fiware-servicepath": "/a"})
    assert one.text == '"/a"'


async def test_the_service_path_can_be_shown_filtered_and_ordered_by(v2: httpx.AsyncClient) -> None:
    """`servicePath` is a builtin attribute (Builtin attributes)."""
    for path in ("/b", "/a"):
        await v2.post("/v2/entities", json={"id": "e"}, headers={"fiware-servicepath": path})
    ordered = await v2.get("/v2/entities?attrs=servicePath&orderBy=servicePath")
    shown = [each["servicePath"] for each in ordered.json()]
    assert shown == [{"type": "Text", "value": path, "metadata": {}} for path in ("/a", "/b")]
    shows(
        await v2.get("/v2/entities?q=servicePath==/b&attrs=servicePath&options=keyValues"),
        [{"id": "e", "type": "Thing", "servicePath": "/b"}],
    )
