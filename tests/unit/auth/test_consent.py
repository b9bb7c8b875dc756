"""Receipts of consent: a chain that tells what was changed or is missing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.consent import FIRST, ConsentWish, Receipt, broken_at, receipt_of
from services.auth.domain.data_class import read_classes
from services.kernel.errors import BadData
from services.kernel.identity.rules import ClassRule

NOW = datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC)
WISH = ConsentWish("takamatsu", "urn:p:1", "walk", "route", "Resident", ("address", "age"))


def _chain(length: int) -> list[Receipt]:
    receipts: list[Receipt] = []
    for number in range(length):
        after = (number, receipts[-1].hash) if receipts else (0, FIRST)
        receipts.append(receipt_of("given", WISH, "urn:p:1", NOW + timedelta(seconds=number), after))
    return receipts


def test_a_chain_that_nobody_touched_holds() -> None:
    receipts = _chain(4)
    assert broken_at(receipts) is None
    assert broken_at(receipts[2:], (2, receipts[1].hash)) is None
    assert receipts[0].document["attributes"] == ["address", "age"]


def test_what_was_changed_or_taken_out_is_told() -> None:
    receipts = _chain(4)
    changed = replace(receipts[1], document={**receipts[1].document, "purpose": "advertising"})
    assert broken_at([receipts[0], changed, *receipts[2:]]) == 2
    assert broken_at([receipts[0], replace(receipts[1], at=NOW), *receipts[2:]]) == 2
    assert broken_at([receipts[0], *receipts[2:]]) == 2
    assert broken_at(receipts[1:]) == 1
    assert broken_at([receipts[0], receipts[2], receipts[1], receipts[3]]) == 2


def test_classes_that_cannot_be_are_refused_by_field() -> None:
    for wrong, field in (
        ([ClassRule("*", "a", "personal")], "classes.0.type"),
        ([ClassRule("T", "a b", "personal")], "classes.0.attribute"),
        ([ClassRule("T", "a", "secret")], "classes.0.legal_class"),
        ([ClassRule("T", "a", "personal", "")], "classes.0.subject"),
        ([ClassRule("T", "a", "personal"), ClassRule("T", "a", "related")], "classes.1.attribute"),
    ):
        with pytest.raises(BadData) as refused:
            read_classes(wrong)
        assert refused.value.field == field
