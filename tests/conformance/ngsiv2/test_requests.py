"""What every request must keep: methods, media types, lengths, parameters, headers."""

import httpx
import pytest

JSON = {"content-type": "application/json"}


async def test_the_entry_point_names_the_resources(v2: httpx.AsyncClient) -> None:
    assert (await v2.get("/v2")).json() == {
        "entities_url": "/v2/entities",
        "types_url": "/v2/types",
        "subscriptions_url": "/v2/subscriptions",
        "registrations_url": "/v2/registrations",
    }


async def test_an_unknown_path_is_a_bad_request(v2: httpx.AsyncClient) -> None:
    refused = await v2.get("/v2/nothing/here")
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v2/entities", "GET, POST"),
        ("PATCH", "/v2/entities/e", "DELETE, GET"),
        ("GET", "/v2/op/update", "POST"),
        ("PATCH", "/v2/registrations/62aa3d3ac734067e6f0d0871", "DELETE, GET"),
        ("DELETE", "/v2/types", "GET"),
    ],
)
async def test_another_method_is_not_allowed(v2: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    refused = await v2.request(method, path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == allowed
    assert refused.json() == {"error": "MethodNotAllowed", "description": "method not allowed"}


async def test_a_body_needs_a_length(v2: httpx.AsyncClient) -> None:
    refused = await v2.post("/v2/entities", headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (411, "ContentLengthRequired")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/ld+json"])
async def test_another_media_type_is_not_supported(v2: httpx.AsyncClient, media_type: str) -> None:
    refused = await v2.post("/v2/entities", content=b"{}", headers={"content-type": media_type})
    assert (refused.status_code, refused.json()["error"]) == (415, "UnsupportedMediaType")


async def test_a_body_without_media_type_is_not_supported(v2: httpx.AsyncClient) -> None:
    refused = await v2.post("/v2/entities", content=b'{"id":"e"}')
    assert refused.status_code == 415


async def test_a_media_type_without_body_is_refused(v2: httpx.AsyncClient) -> None:
    refused = await v2.get("/v2/entities", headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_only_json_is_acceptable(v2: httpx.AsyncClient) -> None:
    refused = await v2.get("/v2/entities", headers={"accept": "text/html"})
    assert (refused.status_code, refused.json()["error"]) == (406, "NotAcceptable")
    assert (await v2.get("/v2/entities", headers={"accept": "text/html, */*;q=0.1"})).status_code == 200


async def test_a_body_beyond_a_megabyte_is_too_large(v2: httpx.AsyncClient) -> None:
    body = b'{"id":"e","a":{"value":"' + b"x" * 1024 * 1024 + b'"}}'
    refused = await v2.post("/v2/entities", content=body, headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (413, "RequestEntityTooLarge")


async def test_deep_nesting_is_a_parse_error(v2: httpx.AsyncClient) -> None:
    body = b'{"id":"e","a":{"value":' + b"[" * 60 + b"]" * 60 + b"}}"
    refused = await v2.post("/v2/entities", content=body, headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (400, "ParseError")


@pytest.mark.parametrize(
    "query", ["limit=1001", "limit=-1", "limit=x", "offset=-1", "type=", "attrs=", "options=none", "id=a(b"]
)
async def test_a_bad_parameter_is_refused(v2: httpx.AsyncClient, query: str) -> None:
    refused = await v2.get(f"/v2/entities?{query}")
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


@pytest.mark.parametrize("path", ["parks", "/a/b c", "/" + "x" * 51, "/a" * 11, "/a,/b", "/a/#", "/a/#/b", "//"])
async def test_a_bad_service_path_is_refused_in_updates(v2: httpx.AsyncClient, path: str) -> None:
    answer = await v2.post("/v2/entities", json={"id": "e"}, headers={"fiware-servicepath": path})
    assert answer.status_code == (201 if path == "//" else 400)


async def test_a_bad_tenant_is_refused(v2: httpx.AsyncClient) -> None:
    refused = await v2.get("/v2/entities", headers={"fiware-service": "a-b"})
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")


async def test_a_tenant_that_was_never_written_to_is_empty(v2: httpx.AsyncClient) -> None:
    assert (await v2.get("/v2/entities", headers={"fiware-service": "unseen"})).json() == []
    assert (await v2.get("/v2/entities/e", headers={"fiware-service": "unseen"})).status_code == 404


async def test_the_correlator_is_echoed_or_made(v2: httpx.AsyncClient) -> None:
    assert (await v2.get("/v2", headers={"fiware-correlator": "abc"})).headers["fiware-correlator"] == "abc"
    assert len((await v2.get("/v2")).headers["fiware-correlator"]) == 36


async def test_service_paths_keep_entities_apart(v2: httpx.AsyncClient) -> None:
    for path in ("/", "/a", "/a/b", "/ab"):
        created = await v2.post(
            "/v2/entities", json={"id": "e", "type": "T", "p": {"value": path}}, headers={"fiware-servicepath": path}
        )
        assert created.status_code == 201

    async def seen(path: str | None) -> list[str]:
        headers = {} if path is None else {"fiware-servicepath": path}
        answer = await v2.get("/v2/entities?options=values&attrs=p", headers=headers)
        return [values[0] for values in answer.json()]

    assert await seen(None) == ["/", "/a", "/a/b", "/ab"]
    assert await seen("/") == ["/"]
    assert await seen("/a/") == ["/a"]
    assert await seen("/a/#") == ["/a", "/a/b"]
    assert await seen("/ab, /a/b") == ["/a/b", "/ab"]
    assert (await v2.patch("/v2/entities/e/attrs", json={"p": {"value": "new"}})).status_code == 204
    assert await seen("/") == ["new"]
    assert (await v2.get("/v2/entities/e")).status_code == 409
    assert (await v2.get("/v2/entities/e", headers={"fiware-servicepath": "/a"})).json()["p"]["value"] == "/a"


async def test_administration_answers(v2: httpx.AsyncClient) -> None:
    assert "version" in (await v2.get("/version")).json()["orion"]
    assert "uptime_in_secs" in (await v2.get("/statistics")).json()
    assert (await v2.get("/cache/statistics")).status_code == 200
    assert "level" in (await v2.get("/admin/log")).json()
    assert (await v2.put("/admin/log?level=loud")).status_code == 400
    assert (await v2.get("/admin/metrics")).status_code == 200
