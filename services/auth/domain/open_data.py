"""What a tenant lets everybody read, without a token: open data."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.auth.domain.scopes import is_type_name, read_path
from services.kernel.errors import BadData

MOST_OPEN = 50


@dataclass(frozen=True, slots=True)
class OpenData:
    """A part of a tenant that is open: below a service path, of some entity types, some of their attributes."""

    path: str = "/#"
    types: tuple[str, ...] = ("*",)
    attributes: tuple[str, ...] = ("*",)


def read_open_data(parts: Iterable[OpenData]) -> tuple[OpenData, ...]:
    """Hold the open parts of a tenant against their grammar. Raises BadData naming the part."""
    read = tuple(parts)
    if len(read) > MOST_OPEN:
        raise BadData(f"A tenant has at most {MOST_OPEN} open parts", field="open_data")
    for position, part in enumerate(read):
        field = f"open_data.{position}"
        read_path(part.path, f"{field}.path")
        for name in ("types", "attributes"):
            words: tuple[str, ...] = getattr(part, name)
            if not words or not all(map(is_type_name, words)):
                raise BadData(f"{name} must be names or IRIs, or *", field=f"{field}.{name}")
    return read
