"""Argon2id hashes of secrets, and what is remembered of them."""

import statistics
import time
from collections.abc import Iterator

import pytest

from services.auth.passwords.secret_hashes import SecretHashes


@pytest.fixture
def hashes() -> Iterator[SecretHashes]:
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


async def _median_s(hashes: SecretHashes, stored: str | None, secret: str, rounds: int = 9) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await hashes.verify(stored, secret)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


async def test_a_repeated_right_secret_costs_next_to_nothing(hashes: SecretHashes) -> None:
    stored = await hashes.hash("right")
    await hashes.verify(stored, "right")
    assert await _median_s(hashes, stored, "right") * 20 < await _median_s(hashes, stored, "wrong")


async def test_a_wrong_secret_costs_what_an_unknown_client_costs(hashes: SecretHashes) -> None:
    stored = await hashes.hash("right")
    wrong, unknown = await _median_s(hashes, stored, "wrong"), await _median_s(hashes, None, "wrong")
    assert 0.5 < wrong / unknown < 2


async def test_a_remembered_secret_is_forgotten_with_its_hash(hashes: SecretHashes) -> None:
    old = await hashes.hash("old")
    assert await hashes.verify(old, "old")
    assert not await hashes.verify(await hashes.hash("new"), "old")
