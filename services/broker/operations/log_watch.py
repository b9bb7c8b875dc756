"""What a process knows of the log of changes: whose changes are to be logged, and who waits for more of it."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import datetime


class LogWatch:
    """Whose changes are to be logged, as writers know it, and who waits for what this process has logged."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}
        self._listeners: dict[int, asyncio.Event] = {}

    def learn(self, tenant_id: int, until: datetime | None) -> None:
        """Take in until when a tenant's changes are logged."""
        if until is None:
            self._until.pop(tenant_id, None)
        else:
            self._until[tenant_id] = until

    def is_wanted(self, tenant_id: int, now: datetime) -> bool:
        """Tell whether a tenant's changes are logged now."""
        until = self._until.get(tenant_id)
        return until is not None and now < until

    @contextlib.contextmanager
    def listening(self, tenant_id: int) -> Iterator[asyncio.Event]:
        """Yield what is set after each commit of the tenant in this process; one listens to a tenant at a time."""
        event = self._listeners[tenant_id] = asyncio.Event()
        try:
            yield event
        finally:
            if self._listeners.get(tenant_id) is event:
                del self._listeners[tenant_id]

    def tell(self, tenant_id: int) -> None:
        """Wake who listens to a tenant."""
        event = self._listeners.get(tenant_id)
        if event is not None:
            event.set()
