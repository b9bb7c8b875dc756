"""Answers that are kept: shared, given once more when they are old, renewed one after the other if need be."""

import asyncio

from services.catalog.operations.kept import FRESH_S, Kept


async def test_old_answers_are_given_while_they_are_renewed_one_after_the_other() -> None:
    now, version, revision, at_once, most = 0.0, "first", 1, 0, 0

    async def make(question: str) -> str:
        nonlocal at_once, most
        at_once, made = at_once + 1, f"{question} {version}"
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return made

    async def written() -> int:
        return revision

    async def settled() -> None:
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    kept: Kept[str, str] = Kept(make, written, clock=lambda: now)
    assert await asyncio.gather(*map(kept.get, "aba")) == ["a first", "b first", "a first"]
    assert most == 2
    now, version, most = FRESH_S + 1, "second", 0
    assert await asyncio.gather(*map(kept.get, "aba")) == ["a first", "b first", "a first"]
    await settled()
    assert most == 0, "nothing was written, so that the answers still hold"
    now, revision = 2 * FRESH_S + 2, 2
    assert await asyncio.gather(*map(kept.get, "aba")) == ["a first", "b first", "a first"]
    await settled()
    assert await asyncio.gather(*map(kept.get, "ab")) == ["a second", "b second"]
    assert most == 1
