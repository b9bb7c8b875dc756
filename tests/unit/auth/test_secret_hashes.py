"""Argon2id hashes of secrets, and what is remembered of them."""

import statistics
import time
from collections.abc import Iterator

import pytest

from services.auth.passwords.secret_hashes import SecretHashes


@pytest.fixture
def hashes(full_hashes: None) -> Iterator[SecretHashes]:
    made = SecretHashes()
    yield made
    made.close()


async def test_a_secret_is_verified_against_its_hash(hashes: SecretHashes) -> None:
    stored = await hashes.hash("right")
    assert stored.startswith("$argon2id$")
    assert await hashes.verify(stored, "right")
    assert not await hashes.verify(stored, "wrong")


async def test_the_same_secret_is_hashed_differently_each_time(hashes: SecretHashes) -> None:
    assert await hashes.hash("same") != await hashes.hash("same")


async def test_an_unknown_client_has_no_right_secret(hashes: SecretHashes) -> None:
    assert not await hashes.verify(None, "any")


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken"])
async def test_a_damaged_hash_lets_nobody_in(hashes: SecretHashes, stored: str) -> None:
    assert not await hashes.verify(stored, "plain")


async def test_a_secret_that_cannot_be_written_is_wrong(hashes: SecretHashes) -> None:
    assert not await hashes.verify(await hashes.hash("right"), "\ud800")


async def _medians_s(hashes: SecretHashes, *attempts: tuple[str | None, str]) -> list[float]:
    """Return the processor time of several attempts, taken in turn."""
    taken: list[list[float]] = [[] for _ in attempts]
    for _ in range(11):
        for times, (stored, secret) in zip(taken, attempts, strict=True):
            started = time.process_time()
            await hashes.verify(stored, secret)
            times.append(time.process_time() - started)
    return [statistics.median(times) for times in taken]


async def test_a_repeated_right_secret_costs_next_to_nothing(hashes: SecretHashes) -> None:
    stored = await hashes.hash("right")
    await hashes.verify(stored, "right")
    right, wrong = await _medians_s(hashes, (stored, "right"), (stored, "wrong"))
    assert right * 20 < wrong


async def test_a_wrong_secret_costs_what_an_unknown_client_costs(hashes: SecretHashes) -> None:
    stored = await hashes.hash("right")
    wrong, unknown = await _medians_s(hashes, (stored, "wrong"), (None, "wrong"))
    assert 0.5 < wrong / unknown < 2


async def test_a_remembered_secret_is_forgotten_with_its_hash(hashes: SecretHashes) -> None:
    old = await hashes.hash("old")
    assert await hashes.verify(old, "old")
    assert not await hashes.verify(await hashes.hash("new"), "old")
