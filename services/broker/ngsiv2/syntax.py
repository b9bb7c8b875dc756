"""What NGSIv2 allows in identifiers and values (Orion API, General and Identifiers syntax restrictions)."""

import math
import re
from functools import lru_cache
from typing import Any, Final

from services.kernel.errors import BadData

LONGEST: Final = 256
_FORBIDDEN = re.compile(r"[<>\"'=;()]")
_IDENTIFIER = re.compile(r"[!$%*+,\-.0-9:@A-Z\[\\\]^_`a-z{|}~]{1,256}\Z")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[!#$%*+,\-./0-9:?&@A-Z\[\\\]^_`a-z{|}~]{1,1000}\Z")
_RESERVED_ATTRIBUTES: Final = frozenset({"id", "type", "geo:distance", "*"})


def check_identifier(text: Any, what: str) -> str:
    """Return an identifier that keeps the rules: 1 to 256 plain ASCII, no control, space, & ? / # nor forbidden ones.

    IRIs (`https://…`) may have `/`, `#`, `?` and `&`, since NGSI-LD names are shown so. Raises BadData.
    """
    if not isinstance(text, str):
        raise BadData(f"The {what} must be a string", field=what)
    if _is_identifier(text):
        return text
    if not text:
        raise BadData(f"{what} length: 0, min length supported: 1", field=what)
    if len(text) > LONGEST:
        raise BadData(f"{what} length: {len(text)}, max length supported: {LONGEST}", field=what)
    raise BadData(f"Invalid characters in {what}", field=what)


@lru_cache(maxsize=8192)
def _is_identifier(text: str) -> bool:
    return bool(_IDENTIFIER.match(text) or _IRI.match(text))


def check_attribute_name(name: str) -> str:
    """Return a name that an attribute may have. Raises BadData."""
    if name in _RESERVED_ATTRIBUTES:
        raise BadData(f"'{name}' must not be an attribute name", field="attribute name")
    return check_identifier(name, "attribute name")


def check_text(text: str, what: str) -> str:
    """Return a text without forbidden characters. Raises BadData."""
    if _FORBIDDEN.search(text):
        raise BadData(f"Invalid characters in {what}", field=what)
    return text


def has_forbidden(text: str) -> bool:
    """Tell whether a text has a forbidden character."""
    return bool(_FORBIDDEN.search(text))


def check_value(value: Any, what: str) -> Any:
    """Return a JSON value as it is stored: no forbidden characters, whole numbers without decimals. Raises BadData."""
    if isinstance(value, str):
        return check_text(value, what)
    if isinstance(value, dict):
        return {check_text(key, what): check_value(each, what) for key, each in value.items()}
    if isinstance(value, list):
        return [check_value(each, what) for each in value]
    return _plain(value)


def tidy_value(value: Any) -> Any:
    """Return a JSON value as it is stored, with any characters."""
    if isinstance(value, dict):
        return {key: tidy_value(each) for key, each in value.items()}
    if isinstance(value, list):
        return [tidy_value(each) for each in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and math.isfinite(value):
        return int(value)
    return value
