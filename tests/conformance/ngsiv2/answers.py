"""What an answer has to be, held whole: status, headers and the bytes of the body."""

from typing import Any

import httpx
import orjson

ERRORS = {
    400: ("BadRequest", "ParseError"),
    404: ("NotFound",),
    405: ("MethodNotAllowed",),
    406: ("NotAcceptable",),
    409: ("TooManyResults",),
    411: ("ContentLengthRequired",),
    413: ("NoResourcesAvailable", "RequestEntityTooLarge"),
    415: ("UnsupportedMediaType",),
    422: ("Unprocessable", "PartialUpdate"),
    500: ("InternalServerError",),
    501: ("NotImplemented",),
}


def hold(answer: httpx.Response, status: int, **headers: str) -> None:
    """Hold the status and the headers that every answer has, and those named here (`_` for `-`)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["fiware-correlator"]
    assert answer.headers["date"]
    if status != 204:
        assert answer.headers["content-length"] == str(len(answer.content))
    for name, value in headers.items():
        assert answer.headers[name.replace("_", "-")] == value


def shows(answer: httpx.Response, body: Any, **headers: str) -> None:
    """Hold a JSON answer, byte by byte: compact, members in this order."""
    hold(answer, 200, content_type="application/json", **headers)
    assert answer.content == orjson.dumps(body)


def shows_text(answer: httpx.Response, text: str) -> None:
    """Hold an answer in plain text."""
    hold(answer, 200, content_type="text/plain")
    assert answer.text == text


def is_done(answer: httpx.Response, status: int = 204, **headers: str) -> None:
    """Hold an answer without a body."""
    hold(answer, status, **headers)
    assert answer.content == b""
    assert "content-type" not in answer.headers


def refuses(answer: httpx.Response, status: int, word: str | None = None, description: str | None = None) -> None:
    """Hold an error: its word (the only or the first of the status), and the description where clients read it."""
    hold(answer, status, content_type="application/json")
    document = answer.json()
    assert list(document) == ["error", "description"]
    assert document["error"] == (word or ERRORS[status][0])
    assert document["error"] in ERRORS[status]
    assert document["description"]
    if description is not None:
        assert document["description"] == description
