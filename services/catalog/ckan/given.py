"""What a request gives to an action: a query string, a JSON body, or a form."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from services.catalog.ckan.errors import BadRequest, ParameterError
from services.catalog.ckan.uploads import UPLOAD
from services.catalog.operations.uploads import Upload
from services.kernel.errors import TooLarge

_MOST_FIELDS = 200


@contextlib.asynccontextmanager
async def read_given(request: Request, file_limit_bytes: int | None) -> AsyncIterator[Mapping[str, object]]:
    """Give the parameters by name; a parameter that comes several times is a list. Raises BadRequest.

    A file is an Upload, which can be read within the block; without a limit for it there may be none.
    """
    if request.method == "POST" and is_multipart(request.headers):
        async with contextlib.AsyncExitStack() as stack:
            yield await _read_multipart(request, file_limit_bytes, stack)
    else:
        yield await _read_plain(request)


def is_multipart(headers: Headers) -> bool:
    """Tell whether a request carries a form that may have files."""
    return headers.get("content-type", "").startswith("multipart/form-data")


async def _read_plain(request: Request) -> Mapping[str, object]:
    if request.method == "GET":
        return _collect(request.query_params.multi_items())
    body = await request.body()
    if not body.strip():
        return _collect(request.query_params.multi_items())
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if is_form and not body.lstrip().startswith(b"{"):
        return _read_form(body)
    return _read_json(body)


async def _read_multipart(
    request: Request, file_limit_bytes: int | None, stack: contextlib.AsyncExitStack
) -> Mapping[str, object]:
    most_files = 0 if file_limit_bytes is None else 1
    try:
        form = await stack.enter_async_context(request.form(max_files=most_files, max_fields=_MOST_FIELDS))
    except (HTTPException, MultiPartException) as error:
        raise BadRequest("the form cannot be read") from error
    except TooLarge as error:
        raise ParameterError({UPLOAD: [error.detail]}) from error
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    files = {
        name: Upload.of_form(file.filename, file.content_type, file.read, file_limit_bytes or 0)
        for name, file in form.multi_items()
        if isinstance(file, UploadFile) and file.filename
    }
    misplaced = files.keys() - {UPLOAD}
    if misplaced:
        raise ParameterError({name: [f"a file is given as {UPLOAD}"] for name in misplaced})
    return {**_collect(texts), **files}


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
