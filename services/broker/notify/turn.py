"""A lane's turn: each notice of a batch is dropped, sent, tried again later or parked.

Notices of one entity are sent in order, one after the other; those of different entities side by side. The first one
after a failure goes alone, and all do where what is sent decides what is dropped (throttling, oneshot).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.notify.allowance import Allowance
from services.broker.notify.backoff import Retries
from services.broker.notify.message import Delivery
from services.broker.notify.sender import Sender
from services.broker.operations.consents import notice_within
from services.broker.store.outbox import Lane, Settlement
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable

_INACTIVE = "The subscription is not active"


@dataclass(frozen=True, slots=True)
class TurnRules:
    """What all turns share; `window` is how many notices of one lane are on their way at a time.

    `pool` tells to what persons have consented, for subscribers who need that.
    """

    allowance: Allowance
    sender: Sender
    retries: Retries
    clock: Clock
    window: int = 1
    pool: asyncpg.Pool | None = None


class Turn:
    """The settlement is true at every moment, so that an interrupted turn settles what it did.

    `lags_s` are the ages of the delivered notices, `took_s` is how long each sending took.
    """

    def __init__(self, lane: Lane, subscription: Subscription, rules: TurnRules) -> None:
        self._lane = lane
        self._subscription = subscription
        self._rules = rules
        self._attempts = lane.attempts
        self._has_failed = False
        self.lags_s: list[float] = []
        self.took_s: list[float] = []
        self.settlement = Settlement(
            lane, attempts=lane.attempts, fails_in_row=lane.fails_in_row, throttle_from=lane.throttle_from
        )

    @property
    def has_failed(self) -> bool:
        """Tell whether a notice must be tried again, which holds back the others."""
        return self._has_failed

    async def take(self, notices: Sequence[Notice], may_go_on: Callable[[], bool]) -> None:
        """Deliver notices until one must be tried again, or the turn may not go on."""
        alone = 1 if self._attempts else 0
        for group in (notices[:alone], *_groups(notices[alone:])):
            await self._take_group(group, may_go_on)
        if self._has_failed:
            done = set(self.settlement.removed)
            self._give_up_old([each for each in notices if each.seq not in done])

    async def _take_group(self, notices: Sequence[Notice], may_go_on: Callable[[], bool]) -> None:
        chains: dict[str, deque[Notice]] = {}
        for notice in notices:
            chains.setdefault(self._chain_of(notice), deque()).append(notice)
        waiting = deque(chains.values())

        async def take_chains() -> None:
            while waiting:
                chain = waiting.popleft()
                while chain and not self._has_failed and may_go_on():
                    await self._deliver(chain[0])
                    chain.popleft()

        width = min(self._rules.window, len(waiting))
        if width <= 1:
            await take_chains()
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(take_chains())

    def _chain_of(self, notice: Notice) -> str:
        """Return what notices that are sent one after the other have in common."""
        is_strict = self._subscription.oneshot or self._subscription.throttling_s
        return "" if is_strict or not notice.entities else notice.entities[0].uri

    async def _deliver(self, notice: Notice) -> None:
        if self.settlement.deactivates or not self._subscription.is_active:
            self._drop_inactive(notice)
            return
        if self._is_throttled(notice):
            self.settlement.removed.append(notice.seq)
            return
        try:
            told = await self._consented(notice)
            refusal = "" if told is None else await self._rules.allowance.refusal(self._lane.tenant_name)
        except Unavailable as error:
            self._fail(notice, Delivery(is_success=False, reason=error.detail))
            return
        if told is None:
            self.settlement.removed.append(notice.seq)
        elif refusal:
            self._park(notice, refusal)
            self._pass()
        else:
            await self._send(notice, told)

    async def _send(self, notice: Notice, told: Notice) -> None:
        """Send what is told of a notice; what is not taken costs nothing of the tenant's quota."""
        began = self._rules.clock()
        delivery = await self._rules.sender.send(told, self._subscription, self._lane.tenant_name)
        self.settlement.sent += 1
        self.settlement.last_notification = now = self._rules.clock()
        self.took_s.append((now - began).total_seconds())
        if delivery.is_success:
            self._succeed(notice, delivery)
        else:
            self._rules.allowance.give_back(self._lane.tenant_name)
            self._fail(notice, delivery)

    async def _consented(self, notice: Notice) -> Notice | None:
        """Return what persons let the subscriber be told as of now, None where that is nothing. Raises Unavailable."""
        view = self._subscription.view
        if view is None or not view.asks_consent or self._rules.pool is None:
            return notice
        return await notice_within(self._rules.pool, self._lane.tenant_id, view, notice)

    def _drop_inactive(self, notice: Notice) -> None:
        """A oneshot is done after its first notification; what else was due before it turned inactive is parked."""
        if self._subscription.oneshot:
            self.settlement.removed.append(notice.seq)
        else:
            self._park(notice, _INACTIVE)

    def _is_throttled(self, notice: Notice) -> bool:
        start, seconds = self.settlement.throttle_from, self._subscription.throttling_s
        return bool(seconds) and start is not None and notice.created_at < start + timedelta(seconds=seconds)

    def _succeed(self, notice: Notice, delivery: Delivery) -> None:
        settlement = self.settlement
        now = settlement.last_notification
        assert now is not None
        settlement.removed.append(notice.seq)
        settlement.throttle_from = notice.created_at
        self.lags_s.append((now - notice.created_at).total_seconds())
        settlement.last_success, settlement.last_success_code = now, delivery.code
        settlement.fails_in_row = 0
        if self._subscription.oneshot:
            settlement.deactivates = True
        self._pass()

    def _fail(self, notice: Notice, delivery: Delivery) -> None:
        settlement, endpoint = self.settlement, self._subscription.endpoint
        now = self._rules.clock()
        settlement.failed += 1
        settlement.fails_in_row += 1
        settlement.last_failure, settlement.last_failure_reason = now, delivery.reason
        if endpoint.max_fails is not None and settlement.fails_in_row > endpoint.max_fails:
            settlement.deactivates = True
        attempts = self._attempts + 1
        if settlement.deactivates or self._rules.retries.is_over(delivery, attempts):
            self._park(notice, delivery.reason)
            self._pass()
            return
        self._has_failed = True
        settlement.attempts = attempts
        settlement.retry_at = self._rules.retries.next_try(now, attempts, endpoint.cooldown_ms)

    def _pass(self) -> None:
        """The notice that failed before, if any, is done with: the next failure is another's first."""
        self._attempts = 0
        if not self._has_failed:
            self.settlement.attempts = 0

    def _park(self, notice: Notice, reason: str) -> None:
        self.settlement.removed.append(notice.seq)
        self.settlement.parked[notice.seq] = reason

    def _give_up_old(self, notices: Sequence[Notice]) -> None:
        now = self._rules.clock()
        for notice in notices:
            if self._rules.retries.is_too_old(notice.created_at, now):
                self._park(notice, self.settlement.last_failure_reason or _INACTIVE)


def _groups(notices: Sequence[Notice]) -> Iterator[Sequence[Notice]]:
    """Cut before and after each notice of several entities: it is sent after what is before it, and alone."""
    start = 0
    for position, notice in enumerate(notices):
        if len(notice.entities) > 1:
            yield notices[start:position]
            yield notices[position : position + 1]
            start = position + 1
    yield notices[start:]
