"""Paging by limit and offset, the same limits everywhere."""

from dataclasses import dataclass

from services.kernel.errors import InvalidRequest

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a result is asked for, and whether its total is."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    count: bool = False


def read_whole_number(text: str, name: str) -> int:
    """Read a parameter that must be a whole number of at least 0. Raises InvalidRequest."""
    if not (text.isascii() and text.isdigit()):
        raise InvalidRequest(f"{name} must be a whole number, not '{text}'", field=name)
    return int(text)


def read_page(limit: str | None, offset: str | None, *, count: bool, minimum_limit: int = 1) -> Page:
    """Read the paging parameters; `limit` reaches from `minimum_limit` to 1000. Raises InvalidRequest."""
    wanted = DEFAULT_LIMIT if limit is None else read_whole_number(limit, "limit")
    if not minimum_limit <= wanted <= MAXIMUM_LIMIT:
        raise InvalidRequest(f"limit must be from {minimum_limit} to {MAXIMUM_LIMIT}, not {wanted}", field="limit")
    start = 0 if offset is None else read_whole_number(offset, "offset")
    if start > 2**53:
        raise InvalidRequest("offset is out of range", field="offset")
    return Page(wanted, start, count)
