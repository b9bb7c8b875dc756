"""Forms as OAuth endpoints and pages take them: each parameter once, within a limit."""

from urllib.parse import parse_qsl

from fastapi import Request

from services.kernel.errors import BadData, TooLarge

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM_BYTES = 64 * 1024
_REPEATABLE = {"resource"}
_MOST_FIELDS = 100


async def read_form(request: Request) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a form's parameters, each once (RFC 6749, 3.2), and the resources, which may be several.

    Raises BadData, TooLarge.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise BadData(f"The body must be {FORM}")
    return read_pairs(await _body(request), "form")


def read_pairs(encoded: bytes, what: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read encoded parameters. One without a value counts as left out (RFC 6749, 3.1). Raises BadData."""
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadData(f"The {what} cannot be read") from error
    if any("\0" in value for pair in pairs for value in pair):
        raise BadData(f"The {what} holds a zero byte")
    names = [name for name, _ in pairs if name not in _REPEATABLE]
    for name in names:
        if names.count(name) > 1:
            raise BadData(f"{name[:50]} is given more than once", field=name[:50])
    given = {name: value for name, value in pairs if value and name not in _REPEATABLE}
    return given, tuple(value for name, value in pairs if value and name in _REPEATABLE)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM_BYTES:
            raise TooLarge(f"The form is larger than {LONGEST_FORM_BYTES} bytes")
    return body
