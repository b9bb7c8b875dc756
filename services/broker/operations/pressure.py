"""How late notifications are because of this context broker, and not of their receivers: what slows writers down.

A lane counts once it was seen up to date, and no more after a failure or a slow answer: one that makes up for the
absence of its receiver slows nobody down.
"""

from typing import Final

from services.broker.store.outbox import LaneKey

_WINDOW_S: Final = 0.25
_KEPT_S: Final = 1.5  # longer than a turn, which is when a lane that always has something tells its lag
_SLOW_S: Final = 0.5
_MOST_LANES: Final = 50_000


class Pressure:
    """The mean lag of the turns that each tenant's lanes began in the last quarter of a second that had any."""

    def __init__(self, tolerated_s: float) -> None:
        self._tolerated_s = tolerated_s
        self._prompt: dict[LaneKey, None] = {}
        self._sums: dict[int, tuple[float, int]] = {}
        self._lags_s: dict[int, tuple[float, float]] = {}
        self._until = 0.0

    def wait_s(self, tenant_id: int) -> float:
        """Return how long a write of a tenant waits: nothing up to the tolerated lag, a second from twice that on."""
        if not self._lags_s:
            return 0.0
        over = self._lags_s.get(tenant_id, (0.0, 0.0))[0] / self._tolerated_s - 1
        return min(max(over, 0.0), 1.0)

    def begin(self, key: LaneKey, lag_s: float) -> None:
        """Note how late the first notice of a turn is."""
        if key in self._prompt:
            total, count = self._sums.get(key[0], (0.0, 0))
            self._sums[key[0]] = total + lag_s, count + 1
        elif lag_s < self._tolerated_s:
            if len(self._prompt) >= _MOST_LANES:
                self._prompt.clear()
            self._prompt[key] = None

    def end(self, key: LaneKey, quickest_s: float, *, has_failed: bool) -> None:
        """Note how a turn went: the shortest that its receiver took, and whether it failed."""
        if has_failed or quickest_s >= _SLOW_S:
            self._prompt.pop(key, None)

    def measure(self, now: float) -> None:
        """Begin a new window when the last one is over; a tenant without turns for a while is under no pressure."""
        if now >= self._until:
            kept = {tenant: (lag_s, at) for tenant, (lag_s, at) in self._lags_s.items() if now - at < _KEPT_S}
            self._lags_s = kept | {tenant: (total / count, now) for tenant, (total, count) in self._sums.items()}
            self._sums = {}
            self._until = now + _WINDOW_S
