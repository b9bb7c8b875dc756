"""Bodies of requests: a JSON object that is not empty, and in which no attribute comes twice."""

import json
from typing import Any, Final

from services.broker.http.face import Call
from services.broker.http.request import MalformedJson, read_json
from services.kernel.errors import BadData

EMPTY: Final = "empty payload"


async def read_body(call: Call) -> dict[str, Any]:
    """Return the body of a request. Raises MalformedJson where it is no JSON object, BadData where it is empty."""
    return _object(read_json(await call.request.body()))


async def read_entity_body(call: Call) -> dict[str, Any]:
    """Return a body whose members are attributes; none of them may be repeated. Raises MalformedJson, BadData."""
    body = await call.request.body()
    document = _object(read_json(body))
    if any(body.count(f'"{name}"'.encode()) > 1 for name in document):
        _check_repeats(body)
    return document


def _object(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise MalformedJson("The body must be a JSON object")
    if not document:
        raise BadData(EMPTY)
    return document


def _check_repeats(body: bytes) -> None:
    """Read again as lists of pairs: what comes last is the outermost object."""
    names = [name for name, _ in json.loads(body, object_pairs_hook=list)]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise BadData(f"duplicated attribute name: {repeated}", field="attribute name")
