"""Members of JSON objects in requests, taken with their type checked."""

from collections.abc import Mapping
from typing import Any

from services.kernel.errors import BadData


def text(document: Mapping[str, Any], name: str, *, longest: int = 10_000) -> str:
    """Return a member that must be a text. Raises BadData."""
    value = document[name]
    if not isinstance(value, str):
        raise BadData(f"{name} must be a string", field=name)
    if len(value) > longest:
        raise BadData(f"{name} length: {len(value)}, max length supported: {longest}", field=name)
    return value


def flag(document: Mapping[str, Any], name: str) -> bool:
    """Return a member that must be true or false. Raises BadData."""
    value = document[name]
    if not isinstance(value, bool):
        raise BadData(f"{name} must be a boolean", field=name)
    return value


def number(document: Mapping[str, Any], name: str, *, low: int, high: int = 2**53) -> int:
    """Return a member that must be a whole number (`5`, not `5.0`) within bounds. Raises BadData."""
    value = document[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadData(f"{name} must be a whole number from {low} to {high}", field=name)
    return value


def object_of(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a member that must be a JSON object. Raises BadData."""
    value = document[name]
    if not isinstance(value, dict):
        raise BadData(f"{name} must be a JSON object", field=name)
    return value


def words_of(document: Mapping[str, Any], name: str, *, may_be_empty: bool = False) -> list[str]:
    """Return a member that must be a list of texts. Raises BadData."""
    value = document[name]
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise BadData(f"{name} must be a list of strings", field=name)
    if not value and not may_be_empty:
        raise BadData(f"{name} must not be empty", field=name)
    return value


def distinct_words_of(document: Mapping[str, Any], name: str, *, may_be_empty: bool = False) -> list[str]:
    """Return a member that must be a list of texts, none of them twice. Raises BadData."""
    found = words_of(document, name, may_be_empty=may_be_empty)
    if len(set(found)) != len(found):
        raise BadData(f"{name} has an element twice", field=name)
    return found
