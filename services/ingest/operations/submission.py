"""One message that somebody waits for: over HTTP, or sent again."""

import asyncio

from services.ingest.domain.arrival import Arrival, Outcome
from services.ingest.operations.inbox import Inbox
from services.kernel.errors import Unavailable


class Submission:
    """Sends one message through the stream and waits until it is settled."""

    def __init__(self, inbox: Inbox, longest_s: float, most_waiting: int) -> None:
        self._inbox = inbox
        self._longest_s = longest_s
        self._most_waiting = most_waiting

    async def submit(self, arrival: Arrival) -> Outcome:
        """Return what became of a message. Raises Unavailable when it cannot be settled in time."""
        if len(self._inbox) >= self._most_waiting:
            raise Unavailable("Too many measures wait for the broker; try again")
        settled: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        arrival.settle = lambda outcome: None if settled.done() else settled.set_result(outcome)
        self._inbox.put(arrival)
        try:
            return await asyncio.wait_for(settled, self._longest_s)
        except TimeoutError as error:
            arrival.is_abandoned = True
            raise Unavailable("The measure is not committed in time; try again") from error
