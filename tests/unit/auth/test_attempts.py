"""Wrong secrets are counted for each identifier, and forgotten after a minute."""

import time

import pytest

from services.auth.passwords.attempts import Attempts
from services.kernel.errors import TooMany


def test_the_eleventh_try_within_a_minute_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts()
    for _ in range(9):
        attempts.note_wrong("a")
    attempts.check("a")
    attempts.note_wrong("a")
    with pytest.raises(TooMany):
        attempts.check("a")
    attempts.check("b")
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    attempts.check("a")


def test_a_flood_of_identifiers_keeps_a_bounded_memory() -> None:
    attempts = Attempts()
    for number in range(21_000):
        attempts.note_wrong(str(number))
    assert len(attempts._wrong) == 20_000
