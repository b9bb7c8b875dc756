"""Errors as RFC 9457 problem details, and how the OpenAPI document tells of them."""

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict

from services.kernel import errors, problems


class Thing(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid")

    size: int
    parts: list[int] = []


RAISED = {
    "invalid": errors.BadData("size must be small", field="size", largest=3),
    "unauthenticated": errors.NotAuthenticated(),
    "forbidden": errors.NotAllowed(),
    "missing": errors.UnknownTenant("Tenant x does not exist"),
    "away": errors.Unavailable(),
}


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    problems.install(made)

    @made.get("/raise/{name}", responses={404: problems.RESPONSES[404]})
    async def raise_one(name: str) -> None:
        raise RAISED.get(name, RuntimeError("a secret of the inside"))

    @made.post("/things")
    async def make(thing: Thing, near: Annotated[int, Query(ge=1)] = 1) -> Thing:
        return thing

    return made


@pytest.fixture
async def client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://hub.test")


@pytest.mark.parametrize(
    ("name", "status"),
    [("invalid", 400), ("unauthenticated", 401), ("forbidden", 403), ("missing", 404), ("away", 503)],
)
async def test_an_error_of_the_domain_is_a_problem(client: httpx.AsyncClient, name: str, status: int) -> None:
    answer = await client.get(f"/raise/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"], body["detail"]) == ("about:blank", status, RAISED[name].detail)


async def test_a_problem_names_the_field_and_what_else_is_known(client: httpx.AsyncClient) -> None:
    body = (await client.get("/raise/invalid")).json()
    assert (body["title"], body["field"], body["largest"]) == ("Bad Request", "size", 3)


async def test_a_refused_caller_is_told_how_to_authenticate(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/unauthenticated")).headers["www-authenticate"].startswith("Bearer")


async def test_while_a_part_is_away_the_caller_is_told_when_to_return(client: httpx.AsyncClient) -> None:
    assert int((await client.get("/raise/away")).headers["retry-after"]) > 0


async def test_a_failure_tells_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raise/other")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("content", "path", "field", "detail"),
    [
        (b'{"size": "x"}', "/things", "size", "valid integer"),
        (b'{"size": 1, "parts": [1, "x"]}', "/things", "parts.1", "valid integer"),
        (b'{"size": 1, "other": 2}', "/things", "other", "not permitted"),
        (b"{}", "/things", "size", "required"),
        (b"", "/things", "body", "required"),
        (b'{"size":', "/things", "body", "not valid JSON: Expecting value at character"),
        (b'{"size": 1}', "/things?near=0", "near", "greater than or equal to 1"),
    ],
)
async def test_refused_input_names_its_field(
    client: httpx.AsyncClient, content: bytes, path: str, field: str, detail: str
) -> None:
    answer = await client.post(path, content=content, headers={"Content-Type": "application/json"})
    body = answer.json()
    assert (answer.status_code, body["field"]) == (400, field)
    assert detail in body["detail"]
    assert body["errors"][0] == {"field": field, "detail": body["detail"]}


async def test_all_faults_are_told_at_once(client: httpx.AsyncClient) -> None:
    body = (await client.post("/things", json={"size": "x", "other": 1})).json()
    assert {fault["field"] for fault in body["errors"]} == {"size", "other"}


async def test_an_unknown_path_and_method_are_problems_too(client: httpx.AsyncClient) -> None:
    missing, wrong = await client.get("/nowhere"), await client.delete("/things")
    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == "application/problem+json"


def test_the_document_tells_refusals_as_they_are_answered(app: FastAPI) -> None:
    document = app.openapi()
    responses = {status: set(each.get("content", {})) for status, each in _responses(document, "/raise/{name}").items()}
    assert responses == {"200": {"application/json"}, "404": {"application/problem+json"}}
    assert "422" not in _responses(document, "/things", "post")
    assert "HTTPValidationError" not in str(document)
    assert app.openapi() is document


def _responses(document: dict, path: str, method: str = "get") -> dict:
    responses: dict = document["paths"][path][method]["responses"]
    return responses
