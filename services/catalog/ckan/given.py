"""What a request gives to an action: a query string, a JSON body, or a form."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from services.catalog.ckan.errors import BadRequest

_MOST_FIELDS = 200


async def read_given(request: Request) -> Mapping[str, object]:
    """Return the parameters by name; a parameter that comes several times is a list. Raises BadRequest."""
    if request.method == "GET":
        return _collect(request.query_params.multi_items())
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _read_multipart(request)
    body = await request.body()
    if not body.strip():
        return _collect(request.query_params.multi_items())
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if is_form and not body.lstrip().startswith(b"{"):
        return _read_form(body)
    return _read_json(body)


async def _read_multipart(request: Request) -> Mapping[str, object]:
    try:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            return _collect([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
    except (HTTPException, MultiPartException) as error:
        raise BadRequest("the form cannot be read") from error


def _read_form(body: bytes) -> Mapping[str, object]:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequest(f"the form has more than {_MOST_FIELDS} fields") from error
    return _collect(pairs)


def _read_json(body: bytes) -> Mapping[str, object]:
    """Read a JSON object; curl's `-d` sends it under the type of a form, which CKAN takes as well."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"JSON Error: {error}") from error
    if not isinstance(given, dict):
        raise BadRequest("JSON Error: the body must be an object")
    return given


def _collect(pairs: list[tuple[str, str]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        earlier = found.get(name)
        if earlier is None:
            found[name] = value
        elif isinstance(earlier, list):
            earlier.append(value)
        else:
            found[name] = [earlier, value]
    return found
