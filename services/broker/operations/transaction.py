"""One transaction of the writer: lock, load, apply in memory, store set by set, match, commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.broker.domain.change import Change
from services.broker.operations.mutation import Mutation, NotUpdated, Outcome
from services.broker.operations.notices import Notices
from services.broker.operations.working_set import WorkingSet, numbered
from services.broker.store import batches, entities, history, transients
from services.kernel import errors
from services.kernel.errors import HubError
from services.kernel.postgres import Connection

Result = Outcome | HubError


@dataclass(frozen=True, slots=True)
class Submission:
    """Mutations of one request, in order; `key` is its Idempotency-Key."""

    mutations: Sequence[Mutation]
    correlator: str = ""
    key: str | None = None


class TakenMeanwhile(Exception):
    """Another writer created a key between loading and inserting: the transaction is tried again."""


async def write(
    pool: asyncpg.Pool, notices: Notices, tenant_id: int, submissions: Sequence[Submission], now: datetime
) -> list[list[Result]]:
    """Carry out submissions of one tenant in one transaction and return each mutation's result.

    Raises what PostgreSQL raises, and TakenMeanwhile; then nothing is stored.
    """
    async with pool.acquire(timeout=10) as connection, connection.transaction():
        return await _Transaction(connection, notices, tenant_id, now).carry_out(submissions)


class _Transaction:
    def __init__(self, connection: Connection, notices: Notices, tenant_id: int, now: datetime) -> None:
        self._connection = connection
        self._notices = notices
        self._tenant_id = tenant_id
        self._now = now
        self._changes: list[Change] = []

    async def carry_out(self, submissions: Sequence[Submission]) -> list[list[Result]]:
        await self._lock(submissions)
        answered = await self._already_answered(submissions)
        working = await self._load([each for each in submissions if each.key not in answered])
        results, fresh = [], {}
        for submission in submissions:
            result = answered.get(submission.key) or self._apply(submission, working)
            if submission.key and submission.key not in answered:
                answered[submission.key] = fresh[submission.key] = result
            results.append(result)
        await self._store(working)
        for key, result in fresh.items():
            await batches.keep(self._connection, self._tenant_id, key, [_to_json(each) for each in result])
        return results

    async def _lock(self, submissions: Sequence[Submission]) -> None:
        names = {name for each in submissions for mutation in each.mutations for name in mutation.wanted.locks}
        names.update(f"Idempotency-Key {each.key}" for each in submissions if each.key)
        await entities.lock_names(self._connection, self._tenant_id, list(names))

    async def _already_answered(self, submissions: Sequence[Submission]) -> dict[str | None, list[Result]]:
        answered: dict[str | None, list[Result]] = {}
        for key in {each.key for each in submissions if each.key}:
            answer = await batches.find(self._connection, self._tenant_id, key)
            if answer is not None:
                answered[key] = [_from_json(each) for each in answer]
        return answered

    async def _load(self, submissions: Sequence[Submission]) -> WorkingSet:
        wanted = [mutation.wanted for each in submissions for mutation in each.mutations]
        uris = list({each.name for each in wanted if each.by_uri})
        ids = list({each.name for each in wanted if not each.by_uri})
        loaded = await entities.lock_stored(self._connection, self._tenant_id, uris, ids)
        return WorkingSet(loaded, self._now)

    def _apply(self, submission: Submission, working: WorkingSet) -> list[Result]:
        results: list[Result] = []
        for mutation in submission.mutations:
            self._now += timedelta(microseconds=1)  # the order of writes is the order of their instants
            try:
                outcome = mutation.apply(working.present(mutation.wanted), self._now)
            except HubError as error:
                results.append(error)
                continue
            working.take(outcome.changes)
            self._changes += [each.caused_by(submission.correlator) for each in outcome.changes]
            results.append(outcome)
        return results

    async def _store(self, working: WorkingSet) -> None:
        deleted, created, rewritten = working.deleted(), working.created(), working.rewritten()
        if deleted:
            await entities.delete(self._connection, self._tenant_id, deleted)
        if rewritten:
            await entities.rewrite(self._connection, self._tenant_id, rewritten)
        if created:
            numbers = await entities.insert(self._connection, self._tenant_id, created)
            if len(numbers) < len(created):
                raise TakenMeanwhile
            self._changes = list(numbered(self._changes, numbers))
        if self._changes:
            await transients.note(self._connection, self._tenant_id, self._changes)
            await history.record(self._connection, self._tenant_id, self._changes)
            await self._notices.record(self._connection, self._tenant_id, self._changes, self._now)


def _to_json(result: Result) -> dict[str, Any]:
    if isinstance(result, HubError):
        return {
            "error": type(result).__name__,
            "detail": result.detail,
            "field": result.field,
            "more": dict(result.more),
        }
    refused = [[each.name, each.reason] for each in result.not_updated]
    return {"created": result.created, "updated": result.updated, "not_updated": refused}


def _from_json(stored: dict[str, Any]) -> Result:
    if "error" in stored:
        kind: type[HubError] = getattr(errors, stored["error"], HubError)
        return kind(stored["detail"], field=stored["field"], **stored["more"])
    return Outcome(
        created=stored["created"],
        updated=tuple(stored["updated"]),
        not_updated=tuple(NotUpdated(name, reason) for name, reason in stored["not_updated"]),
    )
