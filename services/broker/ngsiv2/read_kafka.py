"""kafka and kafkaCustom in a notification: held against Orion's rules, and then not supported (Kafka notifications)."""

import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from services.broker.ngsiv2.members import text
from services.broker.ngsiv2.read_custom import check_custom
from services.broker.ngsiv2.syntax import check_text
from services.kernel.errors import BadData, NotSupported

_URL: Final = re.compile(r"kafka://[^\s,/:]+(:\d{1,5})?(,[^\s,/:]+(:\d{1,5})?)*\Z")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PROTOCOLS: Final = ("SASL_PLAINTEXT", "SASL_SSL")


def check_kafka(name: str, url: str, document: Mapping[str, Any]) -> NoReturn:
    """Refuse a channel to Kafka: for what is wrong with it (BadData), else as not supported (NotSupported)."""
    if not _URL.match(url):
        raise BadData(f"Invalid URL parsing notification url: {name}", field="url")
    if not check_text(text(document, "topic") if "topic" in document else "", "topic"):
        raise BadData(f"topic {name} notification is missing", field="topic")
    if document.get("key") is not None:
        text(document, "key")
    _check_user(document)
    if name.endswith("Custom"):
        check_custom(document)
    raise NotSupported("Notifications to Kafka are not supported")


def _check_user(document: Mapping[str, Any]) -> None:
    if ("user" in document) is not ("passwd" in document):
        raise BadData("user and passwd go together", field="user")
    if "user" not in document:
        return
    for member in ("user", "passwd"):
        text(document, member)
    if document.get("saslMechanism") not in _MECHANISMS:
        raise BadData(f"saslMechanism must be of {', '.join(_MECHANISMS)}", field="saslMechanism")
    if document.get("securityProtocol", "SASL_SSL") not in _PROTOCOLS:
        raise BadData(f"securityProtocol must be of {', '.join(_PROTOCOLS)}", field="securityProtocol")
