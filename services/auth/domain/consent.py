"""Consent of a person: to what of it, for which purpose, which service may receive; with receipts in a chain."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from services.kernel.clock import to_iso
from services.kernel.errors import BadData

Kind = Literal["given", "withdrawn"]
FIRST = "0" * 64
"""What stands for the hash before the first receipt."""

_LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class ConsentWish:
    """What a person lets a service receive, or does so no more: attributes of a type (`*`: all), for a purpose."""

    tenant: str
    subject: str
    service: str
    purpose: str
    type: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent to one attribute as it stands now."""

    tenant: str
    subject: str
    service_id: str
    purpose: str
    type: str
    attribute: str
    given: bool
    changed_at: datetime
    position: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was given or withdrawn and when; `hash` covers the document and the receipt before it."""

    tenant: str
    number: int
    at: datetime
    document: Mapping[str, Any]
    previous: str
    hash: str


def receipt_of(kind: Kind, wish: ConsentWish, by: str, at: datetime, after: tuple[int, str]) -> Receipt:
    """Write the receipt that follows another, of which number and hash are told."""
    number, previous = after
    document = {
        "kind": kind,
        "subject": wish.subject,
        "service": wish.service,
        "purpose": wish.purpose,
        "type": wish.type,
        "attributes": sorted(wish.attributes),
        "by": by,
    }
    return Receipt(
        wish.tenant, number + 1, at, document, previous, _hash(wish.tenant, number + 1, at, document, previous)
    )


def broken_at(receipts: Iterable[Receipt], after: tuple[int, str] = (0, FIRST)) -> int | None:
    """Return the number of the first receipt that was changed or follows a missing one; None if the chain holds.

    `after` are number and hash of the receipt before them.
    """
    number, previous = after
    for each in receipts:
        rightful = _hash(each.tenant, each.number, each.at, each.document, each.previous)
        if (each.number, each.previous, each.hash) != (number + 1, previous, rightful):
            return number + 1
        number, previous = each.number, each.hash
    return None


def read_subject(text: str) -> str:
    """Hold the name of a person in the data against the rule. Raises BadData."""
    if not 0 < len(text) <= _LONGEST_SUBJECT or not text.isprintable():
        raise BadData(f"subject must be 1 to {_LONGEST_SUBJECT} printable characters", field="subject")
    return text


def _hash(tenant: str, number: int, at: datetime, document: Mapping[str, Any], previous: str) -> str:
    whole = {"tenant": tenant, "number": number, "at": to_iso(at), "document": dict(document), "previous": previous}
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()
