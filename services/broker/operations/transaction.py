"""One transaction of the writer: lock, load, apply in memory, store set by set, match, commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.shape import count_shapes
from services.broker.operations.mutation import Mutation, Outcome, Wanted
from services.broker.operations.notices import Notices
from services.broker.operations.stored_answers import Result, from_json, to_json
from services.broker.operations.working_set import WorkingSet, numbered
from services.broker.store import attribute_indexes, batches, entities, history, shapes, transients
from services.broker.store.outbox import LaneKey
from services.kernel.errors import HubError
from services.kernel.postgres import Connection

_STEP = timedelta(microseconds=1)
"""Between two mutations: the order of writes is the order of their instants."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Mutations of one request, in order; `key` is its Idempotency-Key, `once` are the mutations' own, or empty."""

    mutations: Sequence[Mutation]
    correlator: str = ""
    key: str | None = None
    once: Sequence[str] = ()


class TakenMeanwhile(Exception):
    """Another writer created a key between loading and inserting: the transaction is tried again."""


async def write(
    pool: asyncpg.Pool, notices: Notices, tenant_id: int, submissions: Sequence[Submission], now: datetime
) -> list[list[Result]]:
    """Carry out submissions of one tenant in one transaction and return each mutation's result.

    Raises what PostgreSQL raises, and TakenMeanwhile; then nothing is stored.
    """
    async with pool.acquire(timeout=10) as connection:
        transaction = _Transaction(connection, notices, tenant_id, now)
        async with connection.transaction():
            results = await transaction.carry_out(submissions)
    notices.due.tell(transaction.due)
    notices.log.tell(tenant_id)
    notices.types.tell(tenant_id, transaction.changes, transaction.gone, now)
    return results


class _Transaction:
    def __init__(self, connection: Connection, notices: Notices, tenant_id: int, now: datetime) -> None:
        self._connection = connection
        self._notices = notices
        self._tenant_id = tenant_id
        self._began = self._now = now
        self._locked: set[str] = set()
        self.changes: list[Change] = []
        self._correlators: list[str] = []
        self.gone: Sequence[Entity] = ()
        self.due: Iterable[LaneKey] = ()

    async def carry_out(self, submissions: Sequence[Submission]) -> list[list[Result]]:
        answered = await self._already_answered(submissions)
        parts = [_Part(each) for each in submissions if each.key not in answered]
        await self._leave_out_repeats(parts)
        wanted = [each for part in parts for each in part.wanted]
        working = self._apply_all(parts, await self._load(wanted))
        if not self._locked.issuperset(name for each in working.created() for name in (each.id, each.uri)):
            # Something is created beside what is stored under its id: only one writer may do so at a time.
            await self._lock({name for each in wanted for name in each.locks})
            working = self._apply_all(parts, await self._read(wanted))
        await self._give_back(parts)
        await self._store(working)
        fresh = iter(parts)
        return [answered.get(each.key) or await self._result(next(fresh), answered) for each in submissions]

    async def _result(self, part: "_Part", answered: dict[str | None, list[Result]]) -> list[Result]:
        key = part.submission.key
        if key:
            answered[key] = part.results
            await batches.keep(self._connection, self._tenant_id, key, to_json(part.results))
        return part.results

    async def _already_answered(self, submissions: Sequence[Submission]) -> dict[str | None, list[Result]]:
        keys = {each.key for each in submissions if each.key}
        answered: dict[str | None, list[Result]] = {}
        if keys:
            await self._lock({f"Idempotency-Key {key}" for key in keys})
        for key in keys:
            answer = await batches.find(self._connection, self._tenant_id, key)
            if answer is not None:
                answered[key] = from_json(answer)
        return answered

    async def _leave_out_repeats(self, parts: Sequence["_Part"]) -> None:
        keys = {key for part in parts for key in part.submission.once if key}
        if keys:
            fresh = await batches.take_items(self._connection, self._tenant_id, sorted(keys))
            for part in parts:
                part.leave_out_all_but(fresh)

    async def _give_back(self, parts: Sequence["_Part"]) -> None:
        refused = sorted(key for part in parts for key in part.refused())
        if refused:
            await batches.give_back_items(self._connection, self._tenant_id, refused)

    async def _lock(self, names: set[str]) -> None:
        await entities.lock_names(self._connection, self._tenant_id, list(names))
        self._locked |= names

    async def _load(self, wanted: Sequence[Wanted]) -> WorkingSet:
        """Load and lock what is stored; names under which nothing is are locked, and looked up again.

        What is there is held by its row, what is not by its name: of two writers that create it, one waits until it
        can see what the other did.
        """
        working = await self._read(wanted)
        missing = [each for each in wanted if not working.has(each)]
        if not missing:
            return working
        await self._lock({name for each in missing for name in each.locks})
        return await self._read(wanted)

    async def _read(self, wanted: Sequence[Wanted]) -> WorkingSet:
        uris = list({each.name for each in wanted if each.by_uri})
        ids = list({each.name for each in wanted if not each.by_uri})
        return WorkingSet(await entities.lock_stored(self._connection, self._tenant_id, uris, ids), self._began)

    def _apply_all(self, parts: Sequence["_Part"], working: WorkingSet) -> WorkingSet:
        self._now, self.changes, self._correlators = self._began, [], []
        for part in parts:
            part.results = self._apply(part, working)
        return working

    def _apply(self, part: "_Part", working: WorkingSet) -> list[Result]:
        results: list[Result] = []
        for place, (mutation, wanted) in enumerate(zip(part.submission.mutations, part.wanted, strict=True)):
            self._now += _STEP
            if place in part.repeats:
                results.append(Outcome())
                continue
            try:
                outcome = mutation.apply(working.present(wanted), self._now)
            except HubError as error:
                results.append(error)
                continue
            working.take(outcome.changes)
            self.changes += outcome.changes
            self._correlators += [part.submission.correlator] * len(outcome.changes)
            results.append(outcome)
        return results

    async def _store(self, working: WorkingSet) -> None:
        deleted, created, rewritten = working.deleted(), working.created(), working.rewritten()
        if deleted:
            await entities.delete(self._connection, self._tenant_id, deleted)
        written: list[Entity] = []
        whole: list[Entity] = []
        for each in rewritten:
            (written if entities.only_attributes_changed(each) else whole).append(each.after)
        if whole:
            await entities.rewrite(self._connection, self._tenant_id, whole)
        are_born = history.are_born(self.changes, created)
        if created:
            await self._insert(created, with_history=are_born)
        self.gone = working.expired()
        counts = count_shapes(self.changes, self.gone)
        if counts:
            await shapes.keep(self._connection, self._tenant_id, counts)
        if self.changes:
            await transients.note(self._connection, self._tenant_id, self.changes)
            left = [each for each in self.changes if each.before is not None] if are_born else self.changes
            recorded = history.recorded(left, written)
            version, indexes = await entities.keep_changes(self._connection, self._tenant_id, written, recorded)
            if indexes:
                await self._index(indexes)
            if version:
                await self._notice(version)

    async def _insert(self, created: Sequence[Entity], *, with_history: bool) -> None:
        numbers = await entities.insert(self._connection, self._tenant_id, created, with_history=with_history)
        if len(numbers) < len(created):
            raise TakenMeanwhile
        self.changes = list(numbered(self.changes, numbers))

    async def _index(self, attributes: Sequence[str]) -> None:
        numbers = list({each.entity.seq for each in self.changes if each.rewrites(attributes)})
        if numbers:
            await attribute_indexes.keep_values(self._connection, self._tenant_id, numbers, attributes)

    async def _notice(self, version: int) -> None:
        caused = [change.caused_by(name) for change, name in zip(self.changes, self._correlators, strict=True)]
        self.due = await self._notices.record(self._connection, self._tenant_id, version, caused, self._now)


class _Part:
    """A submission with what its mutations want, and their results once they are applied."""

    __slots__ = ("repeats", "results", "submission", "wanted")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.wanted = [mutation.wanted for mutation in submission.mutations]
        self.results: list[Result] = []
        self.repeats: set[int] = set()

    def leave_out_all_but(self, fresh: set[str]) -> None:
        """Leave out the mutations whose keys are not among `fresh`; a key is fresh for one mutation only."""
        for place, key in enumerate(self.submission.once):
            if key and key not in fresh:
                self.repeats.add(place)
            fresh.discard(key)

    def refused(self) -> list[str]:
        """Return the keys of the mutations that are refused, so that they may come again."""
        return [
            key
            for place, (key, result) in enumerate(zip(self.submission.once, self.results, strict=False))
            if key and isinstance(result, HubError) and place not in self.repeats
        ]
