"""Handing out what others sent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HARMLESS: Final[Mapping[str, str]] = MappingProxyType(
    {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
)
"""A file may be a web page: no browser is to run it as one of the catalogue's."""
