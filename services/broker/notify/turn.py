"""A lane's turn: each notice of a batch is dropped, sent, tried again later or parked, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.notify.backoff import Retries
from services.broker.notify.message import Delivery
from services.broker.notify.sender import Sender
from services.broker.store.outbox import Lane, Settlement
from services.kernel.clock import Clock

_INACTIVE = "The subscription is not active"


@dataclass(frozen=True, slots=True)
class TurnRules:
    """What all turns share."""

    sender: Sender
    retries: Retries
    clock: Clock


class Turn:
    """The settlement is true at every moment, so that an interrupted turn settles what it did."""

    def __init__(self, lane: Lane, subscription: Subscription, rules: TurnRules) -> None:
        self._lane = lane
        self._subscription = subscription
        self._rules = rules
        self.lags_s: list[float] = []
        self.settlement = Settlement(
            lane, attempts=lane.attempts, fails_in_row=lane.fails_in_row, throttle_from=lane.throttle_from
        )

    async def take(self, notices: Sequence[Notice], may_go_on: Callable[[], bool]) -> None:
        """Deliver notices until one must be tried again, or the turn may not go on."""
        for position, notice in enumerate(notices):
            if not may_go_on():
                return
            if not await self._deliver(notice):
                self._give_up_old(notices[position + 1 :])
                return

    async def _deliver(self, notice: Notice) -> bool:
        """Deal with one notice; tell whether the next may follow."""
        if self.settlement.deactivates or not self._subscription.is_active:
            self._drop_inactive(notice)
            return True
        if self._is_throttled(notice):
            self.settlement.removed.append(notice.seq)
            return True
        delivery = await self._rules.sender.send(notice, self._subscription, self._lane.tenant_name)
        now = self._rules.clock()
        self.settlement.sent += 1
        self.settlement.last_notification = now
        if delivery.is_success:
            self._succeed(notice, delivery)
            return True
        return self._fail(notice, delivery)

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
        settlement.removed.append(notice.seq)
        settlement.throttle_from = notice.created_at
        self.lags_s.append((self._rules.clock() - notice.created_at).total_seconds())
        settlement.last_success, settlement.last_success_code = settlement.last_notification, delivery.code
        settlement.attempts = settlement.fails_in_row = 0
        settlement.deactivates = self._subscription.oneshot

    def _fail(self, notice: Notice, delivery: Delivery) -> bool:
        settlement, endpoint = self.settlement, self._subscription.endpoint
        now = self._rules.clock()
        settlement.failed += 1
        settlement.fails_in_row += 1
        settlement.last_failure, settlement.last_failure_reason = now, delivery.reason
        if endpoint.max_fails is not None and settlement.fails_in_row > endpoint.max_fails:
            settlement.deactivates = True
        attempts = settlement.attempts + 1
        if settlement.deactivates or self._rules.retries.is_over(delivery, attempts):
            self._park(notice, delivery.reason)
            settlement.attempts = 0
            return True
        settlement.attempts = attempts
        settlement.retry_at = self._rules.retries.next_try(now, attempts, endpoint.cooldown_ms)
        self._give_up_old([notice])
        return False

    def _park(self, notice: Notice, reason: str) -> None:
        self.settlement.removed.append(notice.seq)
        self.settlement.parked[notice.seq] = reason

    def _give_up_old(self, notices: Sequence[Notice]) -> None:
        now = self._rules.clock()
        for notice in notices:
            if self._rules.retries.is_too_old(notice.created_at, now):
                self._park(notice, self.settlement.last_failure_reason or _INACTIVE)
