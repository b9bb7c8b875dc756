"""What every request must keep: paths, methods, bodies, media types, parameters."""

import httpx
import pytest

from tests.conformance.ngsiv2.answers import hold, is_done, refuses, shows

JSON = {"content-type": "application/json"}
BODY = b'{"value":1}'
ID = "62aa3d3ac734067e6f0d0871"


async def test_the_entry_point_names_the_resources(v2: httpx.AsyncClient) -> None:
    shows(
        await v2.get("/v2"),
        {
            "entities_url": "/v2/entities",
            "types_url": "/v2/types",
            "subscriptions_url": "/v2/subscriptions",
            "registrations_url": "/v2/registrations",
        },
    )


@pytest.mark.parametrize(
    "path", ["/v2/nothing/here", "/v2/Entities", "/V2/entities", "/v1/queryContext", "/v2/entities/e/attributes"]
)
async def test_an_unknown_path_is_a_bad_request(v2: httpx.AsyncClient, path: str) -> None:
    """Paths are in lower case (release notes of 1.3.0); those of NGSIv1 are gone (4.0.0)."""
    refuses(await v2.get(path), 400)
    refuses(await v2.post(path, content=BODY, headers=JSON), 400)


@pytest.mark.parametrize("path", ["/v2//entities", "/v2/entities//attrs", "/v2/entities/e//"])
async def test_an_empty_segment_of_a_path_is_refused(v2: httpx.AsyncClient, path: str) -> None:
    """Orion's issue 1426."""
    refuses(await v2.get(path), 400)


@pytest.mark.parametrize("path", ["/v2/entities/", "/v2/types/", "/v2/subscriptions/", "/v2/registrations/"])
async def test_a_slash_may_stand_at_the_end_of_a_path(v2: httpx.AsyncClient, path: str) -> None:
    """FIWARE's tutorials and the client filip write it."""
    assert (await v2.get(path)).json() == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v2/entities", "GET, POST"),
        ("PATCH", "/v2/entities/e", "GET, DELETE"),
        ("DELETE", "/v2/entities/e/attrs", "GET, PATCH, POST, PUT"),
        ("POST", "/v2/entities/e/attrs/a", "GET, PUT, DELETE"),
        ("PATCH", "/v2/entities/e/attrs/a/value", "GET, PUT"),
        ("GET", "/v2/op/update", "POST"),
        ("DELETE", "/v2/op/query", "POST"),
        ("GET", "/v2/op/notify", "POST"),
        ("DELETE", "/v2/types", "GET"),
        ("POST", "/v2/types/T", "GET"),
        ("PATCH", f"/v2/registrations/{ID}", "GET, DELETE"),
        ("OPTIONS", "/v2/entities", "GET, POST"),
    ],
)
async def test_another_method_is_not_allowed(v2: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    """The headers of issues 2075 and 2083, and the table of service routines in Orion's manual."""
    has_body = method in ("POST", "PUT", "PATCH")
    refused = await v2.request(method, path, content=BODY if has_body else None, headers=JSON if has_body else {})
    refuses(refused, 405, description="method not allowed")
    assert refused.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/entities"),
        ("PUT", "/v2/entities/e/attrs"),
        ("PATCH", "/v2/entities/e/attrs"),
        ("PUT", "/v2/entities/e/attrs/a/value"),
        ("POST", "/v2/op/update"),
        ("PUT", "/v2/entities"),
        ("POST", "/v2/nothing"),
    ],
)
async def test_a_body_is_asked_for_before_anything_else(v2: httpx.AsyncClient, method: str, path: str) -> None:
    """Known limitations: Content-Length is required, whatever the path and the method."""
    refuses(await v2.request(method, path, headers=JSON), 411)
    refuses(await v2.request(method, path, headers={**JSON, "content-length": "0"}), 411)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/ld+json", "text/json", "json"])
async def test_another_media_type_is_not_supported(v2: httpx.AsyncClient, media_type: str) -> None:
    sent = {"content-type": media_type}
    refuses(await v2.post("/v2/entities", content=b'{"id":"e"}', headers=sent), 415)
    refuses(await v2.put("/v2/entities/e/attrs/a", content=BODY, headers=sent), 415)


@pytest.mark.parametrize("media_type", ["application/json", "application/json;charset=UTF-8", "Application/JSON"])
async def test_json_may_name_its_charset(v2: httpx.AsyncClient, media_type: str) -> None:
    created = await v2.post("/v2/entities", content=b'{"id":"e"}', headers={"content-type": media_type})
    is_done(created, 201, location="/v2/entities/e?type=Thing")


async def test_a_body_without_media_type_is_not_supported(v2: httpx.AsyncClient) -> None:
    refuses(await v2.post("/v2/entities", content=b'{"id":"e"}'), 415)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_media_type_without_body_is_refused(v2: httpx.AsyncClient, method: str) -> None:
    """Orion's issue 2128."""
    refuses(await v2.request(method, "/v2/entities/e", headers=JSON), 400)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("text/html, */*;q=0.1", 200),
        ("text/html,,application/json", 200),
        ("text/html", 406),
        ("text/plain", 406),
        ("text/html, image/*", 406),
        ("application/json;q=0", 200),
        ("application/json;q=much", 400),
    ],
)
async def test_only_json_is_acceptable(v2: httpx.AsyncClient, accept: str, status: int) -> None:
    """Empty elements are passed over (issue 2722); weights must be numbers (release notes of 1.3.0)."""
    answer = await v2.get("/v2/entities", headers={"accept": accept})
    hold(answer, status)


async def test_a_body_beyond_a_megabyte_is_too_large(v2: httpx.AsyncClient) -> None:
    body = b'{"id":"e","a":{"value":"' + b"x" * 1024 * 1024 + b'"}}'
    refused = await v2.post("/v2/entities", content=body, headers=JSON)
    refuses(refused, 413, "RequestEntityTooLarge", f"payload size: {len(body)}, max size supported: 1048576")


@pytest.mark.parametrize("body", [b"{", b"", b'{"id":"e",}', b"{'id':'e'}", b'{"id":"\xff"}', b"[]", b'"e"', b"7"])
async def test_what_is_no_json_object_is_a_parse_error(v2: httpx.AsyncClient, body: bytes) -> None:
    if not body:
        return
    for path in ("/v2/entities", "/v2/entities/e/attrs", "/v2/op/update", "/v2/op/query", "/v2/op/notify"):
        refuses(await v2.post(path, content=body, headers=JSON), 400, "ParseError")
    refuses(await v2.put("/v2/entities/e/attrs/a", content=body, headers=JSON), 400, "ParseError")


async def test_an_empty_object_is_a_bad_request(v2: httpx.AsyncClient) -> None:
    """Orion's issues 1303 and 1305."""
    for method, path in (
        ("POST", "/v2/entities"),
        ("POST", "/v2/entities/e/attrs"),
        ("PUT", "/v2/entities/e/attrs"),
        ("PATCH", "/v2/entities/e/attrs"),
        ("PUT", "/v2/entities/e/attrs/a"),
        ("POST", "/v2/op/update"),
        ("POST", "/v2/op/query"),
        ("POST", "/v2/op/notify"),
    ):
        refuses(await v2.request(method, path, content=b"{}", headers=JSON), 400, "BadRequest", "empty payload")


async def test_values_are_nested_fifty_levels_deep_at_most(v2: httpx.AsyncClient) -> None:
    """Known limitations: maximum nesting level."""
    body = b'{"id":"e","a":{"value":' + b"[" * 60 + b"]" * 60 + b"}}"
    refuses(await v2.post("/v2/entities", content=body, headers=JSON), 400, "ParseError")


@pytest.mark.parametrize(
    "query",
    [
        *("limit=1001", "limit=-1", "limit=x", "limit=1.5", "offset=-1", "offset=x"),
        *("type=", "attrs=", "attrs", "metadata=", "q=", "id=", "options=", "orderBy=", "unknown="),
        *(
            "options=none",
            "options=count,none",
            "options=keyvalues",
            "options=keyValues,values",
            "options=unique,values",
        ),
        *("id=a(b", "type=a%3Bb", "attrs=a%3Cb", "metadata=a%22b", "orderBy=a%27", "unknown=a%3Db", "un(known=a"),
        *("id=a&idPattern=.*", "type=a&typePattern=.*", "idPattern=*", "typePattern=(", "id=a,,b", "attrs=a,,b"),
        *("orderBy=a,a", "orderBy=a,!a", "orderBy=!", "orderBy=geo:distance"),
    ],
)
async def test_a_bad_parameter_is_refused(v2: httpx.AsyncClient, query: str) -> None:
    refuses(await v2.get(f"/v2/entities?{query}"), 400)


async def test_a_request_has_at_most_two_hundred_parameters(v2: httpx.AsyncClient) -> None:
    many = "&".join(f"p{number}=1" for number in range(201))
    refuses(await v2.get(f"/v2/entities?{many}"), 400)
    shows(await v2.get(f"/v2/entities?{many.rpartition('&')[0]}"), [])
    refused = await v2.get(f"/ngsi-ld/v1/entities?{many}")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    "query", ["limit=1000", "limit=1&offset=5000", "options=normalized", "options=text", "unknown=a", "idPattern=(a|b)"]
)
async def test_a_good_parameter_is_taken_and_an_unknown_one_passed_over(v2: httpx.AsyncClient, query: str) -> None:
    shows(await v2.get(f"/v2/entities?{query}"), [])


async def test_the_number_alone_can_be_asked_for(v2: httpx.AsyncClient) -> None:
    """Orion's issue 1492."""
    await v2.post("/v2/entities", json={"id": "e"})
    shows(await v2.get("/v2/entities?limit=0&options=count"), [], fiware_total_count="1")
    shows(await v2.get("/v2/types?limit=0&options=count"), [], fiware_total_count="1")
    assert "fiware-total-count" not in (await v2.get("/v2/entities")).headers


async def test_the_correlator_is_echoed_or_made(v2: httpx.AsyncClient) -> None:
    assert (await v2.get("/v2", headers={"fiware-correlator": "abc"})).headers["fiware-correlator"] == "abc"
    assert len((await v2.get("/v2")).headers["fiware-correlator"]) == 36
    assert (await v2.get("/v2/nope", headers={"fiware-correlator": "x"})).headers["fiware-correlator"] == "x"
