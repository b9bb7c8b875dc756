"""Watching over devices: what was heard is written down; who falls silent, or speaks again, is told by an entity."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.ingest.domain.liveness import Heard
from services.ingest.domain.plan import Plan
from services.ingest.operations.writing import Item, Writer
from services.ingest.store.devices import DeviceStore
from services.ingest.store.states import StateStore
from services.kernel.clock import Clock
from services.kernel.errors import HubError

Key = tuple[str, str, str, str]
"""Tenant, service path, id and API key of a device."""
_log = logging.getLogger("hiroba.ingest.assets")


class Liveness:
    """Keeps what was heard in memory for a few seconds; what a crash loses of it are counts, never measures."""

    def __init__(self, store: StateStore, devices: DeviceStore, writer: Writer, clock: Clock, every_s: float) -> None:
        self._store = store
        self._devices = devices
        self._writer = writer
        self._clock = clock
        self._every_s = every_s
        self._heard: dict[Key, Heard] = {}

    def note(self, plan: Plan, at: datetime, values: Mapping[str, Any]) -> None:
        """Note a measure of a device."""
        key = plan.tenant, plan.path, plan.device_id, plan.apikey
        heard = self._heard.get(key)
        if heard is None:
            heard = self._heard[key] = Heard(
                *key, plan.entity_id, plan.expected_s, at, properties=[each.name for each in plan.active.values()]
            )
        heard.note(at, values)
        if plan.stores_last:
            heard.last = values

    async def run(self) -> None:
        """Write down and tell until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.round()
            except HubError as error:
                _log.warning("What was heard of devices waits", extra={"reason": str(error)})

    async def round(self) -> None:
        """Write down what was heard, then tell who fell silent or speaks again. Raises Unavailable."""
        heard, self._heard = self._heard, {}
        if heard:
            try:
                await self._devices.note_last(list(heard.values()))
                await self._store.note(list(heard.values()))
            except HubError:
                self._take_back(heard)
                raise
        untold = await self._store.untold(self._clock())
        items = [Item(each.tenant, each.path, each.entity()) for each in untold]
        await self._writer.write(items)
        for item in items:
            if item.refusal is not None:
                _log.error("The broker refuses a device's state", extra={"reason": item.refusal.detail})
        if untold:
            await self._store.note_told(untold)

    def _take_back(self, heard: dict[Key, Heard]) -> None:
        for key, former in heard.items():
            later = self._heard.get(key)
            if later is not None:
                former.messages += later.messages
                former.last_seen_at = max(former.last_seen_at, later.last_seen_at)
                former.last = later.last or former.last
                former.battery = later.battery if later.battery is not None else former.battery
            self._heard[key] = former
