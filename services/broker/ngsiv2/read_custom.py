"""What httpCustom and mqttCustom make of a notification: method, headers, query and body (Custom Notifications)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.broker.ngsiv2.members import number, object_of, text
from services.broker.ngsiv2.syntax import check_identifier, check_text
from services.kernel.errors import BadData

LAST_PRIORITY: Final = 100_000
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
_UNFIT_IN_HEADERS: Final = re.compile(r"[<>=;()]")


def check_custom(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of the request, held against the rules. Raises BadData."""
    kept: dict[str, Any] = {}
    if "method" in document:
        kept["method"] = text(document, "method")
        if kept["method"] not in _METHODS:
            raise BadData("unknown HTTP method", field="method")
    if "headers" in document:
        kept["headers"] = _check_headers(document)
    if "qs" in document:
        kept["qs"] = _check_query(document)
    return {**kept, **_check_body(document)}


def _check_body(document: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    bodies = [name for name in ("payload", "json", "ngsi") if name in document]
    if len(bodies) > 1:
        raise BadData("payload, json and ngsi exclude each other", field=bodies[1])
    if "payload" in document:
        payload = document["payload"]
        kept["payload"] = None if payload is None else check_text(text(document, "payload"), "payload")
    if "json" in document:
        if not isinstance(document["json"], dict | list):
            raise BadData("json must be a JSON object or list", field="json")
        kept["json"] = document["json"]
    if "ngsi" in document:
        kept["ngsi"] = _check_patch(object_of(document, "ngsi"))
    return kept


def _check_patch(patch: Mapping[str, Any]) -> dict[str, Any]:
    for name, attribute in patch.items():
        if name in ("id", "type"):
            text(patch, name)
            continue
        check_identifier(name, "ngsi attribute")
        if not isinstance(attribute, dict) or not attribute.keys() <= {"type", "value", "metadata"}:
            raise BadData(f"ngsi.{name} must be an object of type, value and metadata", field=f"ngsi.{name}")
        if "type" in attribute:
            check_identifier(attribute["type"], f"ngsi {name} type")
        if "metadata" in attribute:
            _check_priority(object_of(attribute, "metadata"))
    return dict(patch)


def _check_priority(metadata: Mapping[str, Any]) -> None:
    if metadata.keys() != {"evalPriority"} or not isinstance(metadata["evalPriority"], dict):
        raise BadData("the metadata of ngsi is evalPriority alone", field="ngsi.metadata")
    number({"value": None, **metadata["evalPriority"]}, "value", low=1, high=LAST_PRIORITY)


def _check_headers(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers; quotes are allowed in them, for texts in macros."""
    pairs = _check_pairs(document, "headers")
    if any(_UNFIT_IN_HEADERS.search(f"{name}{value}") for name, value in pairs.items()):
        raise BadData("Invalid characters in headers", field="headers")
    return pairs


def _check_query(document: Mapping[str, Any]) -> dict[str, str]:
    pairs = _check_pairs(document, "qs")
    for name, value in pairs.items():
        check_text(f"{name}{value}", "qs")
    return pairs


def _check_pairs(document: Mapping[str, Any], name: str) -> dict[str, str]:
    pairs = object_of(document, name)
    if not pairs or not all(isinstance(each, str) for each in pairs.values()):
        raise BadData(f"{name} must be a JSON object of strings that is not empty", field=name)
    return dict(pairs)
