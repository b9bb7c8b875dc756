"""A registration of a request, and as NGSIv2 shows it (Orion API, Registration payload datamodel)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.broker.domain.v2_registration import V2Registration
from services.broker.domain.v2_value import read_date
from services.broker.ngsiv2.members import flag, object_of, text, words_of
from services.broker.ngsiv2.syntax import check_identifier, check_text
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData, NotSupported

_MODES: Final = ("none", "query", "update", "all")


def check_registration(document: Any) -> dict[str, Any]:
    """Return what a body says of a registration, held against the rules. Raises BadData, NotSupported."""
    if not isinstance(document, dict):
        raise BadData("A registration must be a JSON object")
    if not document:
        raise BadData("empty payload")
    for name in ("dataProvided", "provider"):
        if name not in document:
            raise BadData(f"{name} is missing", field=name)
    kept: dict[str, Any] = {}
    if "description" in document:
        kept["description"] = check_text(text(document, "description", longest=1024), "description")
    kept["dataProvided"] = _check_data(object_of(document, "dataProvided"))
    kept["provider"] = _check_provider(object_of(document, "provider"))
    if "expires" in document:
        expires = text(document, "expires")
        read_date(expires)
        kept["expires"] = expires
    if "status" in document:
        if document["status"] not in ("active", "inactive"):
            raise BadData("status must be active or inactive", field="status")
        kept["status"] = document["status"]
    return kept


def _check_data(document: Mapping[str, Any]) -> dict[str, Any]:
    entities = document.get("entities")
    if not isinstance(entities, list) or not entities:
        raise BadData("dataProvided.entities must be a list that is not empty", field="dataProvided.entities")
    kept: dict[str, Any] = {"entities": [_check_entity(each) for each in entities]}
    if "attrs" in document:
        names = words_of(document, "attrs", may_be_empty=True)
        kept["attrs"] = [check_identifier(each, "dataProvided attribute") for each in names]
    return kept


def _check_entity(document: Any) -> dict[str, str]:
    if not isinstance(document, dict):
        raise BadData("An element of dataProvided.entities must be a JSON object", field="dataProvided.entities")
    kept = {name: document[name] for name in ("id", "idPattern", "type", "typePattern") if name in document}
    if "typePattern" in kept:
        raise NotSupported("typePattern is not supported in registrations")
    if ("id" in kept) is ("idPattern" in kept):
        raise BadData("An element of dataProvided.entities needs either id or idPattern", field="dataProvided.entities")
    if kept.get("idPattern", ".*") != ".*":
        raise NotSupported("idPattern must be .* in registrations")
    for name in ("id", "type"):
        if name in kept:
            check_identifier(kept[name], f"dataProvided entities {name}")
    return kept


def _check_provider(document: Mapping[str, Any]) -> dict[str, Any]:
    if "http" not in document:
        raise BadData("provider.http is missing", field="provider.http")
    http = object_of(document, "http")
    if "url" not in http:
        raise BadData("provider.http.url is missing", field="provider.http.url")
    url = check_text(text(http, "url"), "provider url")
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise BadData("provider.http.url is not a valid URL", field="provider.http.url")
    kept: dict[str, Any] = {"http": {"url": url}}
    if "supportedForwardingMode" in document:
        if document["supportedForwardingMode"] not in _MODES:
            raise BadData("supportedForwardingMode must be none, query, update or all", field="supportedForwardingMode")
        kept["supportedForwardingMode"] = document["supportedForwardingMode"]
    if "legacyForwarding" in document:
        kept["legacyForwarding"] = flag(document, "legacyForwarding")
    return kept


def expiry_of(document: Mapping[str, Any]) -> datetime | None:
    """Return when a checked registration ends."""
    return read_date(document["expires"]) if document.get("expires") else None


def render_registration(registration: V2Registration) -> dict[str, Any]:
    """Return a registration as GET shows it."""
    document = registration.document
    shown: dict[str, Any] = {"id": registration.id}
    if document.get("description"):
        shown["description"] = document["description"]
    if registration.expires_at is not None:
        shown["expires"] = to_iso_millis(registration.expires_at)
    data = document["dataProvided"]
    entities = [{name: each[name] for name in ("id", "idPattern", "type") if name in each} for each in data["entities"]]
    shown["dataProvided"] = {"entities": entities, "attrs": data.get("attrs", [])}
    provider = document["provider"]
    shown["provider"] = {
        "http": provider["http"],
        "supportedForwardingMode": provider.get("supportedForwardingMode", "all"),
        "legacyForwarding": provider.get("legacyForwarding", False),
    }
    shown["status"] = document.get("status", "active")
    if registration.times_sent:
        shown["forwardingInformation"] = _forwardings(registration)
    return shown


def _forwardings(registration: V2Registration) -> dict[str, Any]:
    instants = {
        "lastForwarding": registration.last_forwarding,
        "lastSuccess": registration.last_success,
        "lastFailure": registration.last_failure,
    }
    shown = {name: to_iso_millis(each) for name, each in instants.items() if each is not None}
    return {"timesSent": registration.times_sent, **shown}
