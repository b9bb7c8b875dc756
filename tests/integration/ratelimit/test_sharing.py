"""Replicas count each other's requests."""

import asyncpg
import pytest

from services.kernel.errors import RateLimited
from services.kernel.ratelimit import Limiter, Sharing

QUOTAS = {"requests_per_day": 5}


async def test_what_is_spent_at_one_replica_is_gone_at_the_other(pool: asyncpg.Pool) -> None:
    limiters = Limiter(), Limiter()
    sharings = [Sharing(pool, limiter) for limiter in limiters]
    for limiter, times in zip(limiters, (3, 1), strict=True):
        for _ in range(times):
            limiter.spend("a", "x", QUOTAS)
    for sharing in (*sharings, *sharings):
        await sharing.share()
    for limiter in limiters:
        standing = limiter.spend("a", "x", QUOTAS)
        assert standing is not None
        assert standing.remaining[0].left == 0
    for sharing in (*sharings, *sharings):
        await sharing.share()
    for limiter in limiters:
        with pytest.raises(RateLimited):
            limiter.spend("a", "x", QUOTAS)


async def test_a_process_that_starts_anew_hears_what_was_spent_before(pool: asyncpg.Pool) -> None:
    old, new = Limiter(), Limiter()
    for _ in range(4):
        old.spend("a", "x", QUOTAS)
    await Sharing(pool, old).share()
    new.spend("a", "x", QUOTAS)
    await Sharing(pool, new).share()
    with pytest.raises(RateLimited):
        new.spend("a", "x", QUOTAS)
