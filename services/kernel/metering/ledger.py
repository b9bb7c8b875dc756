"""The ledger of one process: keeps what its meter counts, measures stocks, hands everything over to auth."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from typing import Final

import asyncpg
import httpx

from services.kernel.clock import Clock, system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError
from services.kernel.http_client import http_client
from services.kernel.metering import tally
from services.kernel.metering.kinds import Kind, day_of, seconds_of_day_left
from services.kernel.metering.meter import Meter
from services.kernel.metering.stocks import measure
from services.kernel.postgres import session

_KEEP_S: Final = 2.0
_HAND_OVER_S: Final = 5.0
_FIRST_MEASURE_S: Final = 10.0
_LEAST_PAUSE_S: Final = 20.0
_SHARE: Final = 100
"""Stocks are measured again after this many times as long as it took: at most 1 % of one PostgreSQL process."""
_FAULTS: Final = (HubError, asyncpg.PostgresError)
_AWAY: Final = (*_FAULTS, httpx.HTTPError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.metering")


class Ledger:
    """Keeps books for one process of a service; `run` carries it while the service lives.

    `tables` names the kinds of stock whose rows are in one table each.
    """

    def __init__(
        self, pool: asyncpg.Pool, meter: Meter, tables: Mapping[str, Kind], *, clock: Clock = system_clock
    ) -> None:
        self._pool = pool
        self._meter = meter
        self._tables = tables
        self._clock = clock
        self.process = uuid.uuid4()
        self._number = 0
        self._day = day_of(clock())
        self._pending: dict[tuple[str, ...], int] = {}

    async def run(self, auth_url: str, credentials: ServiceCredentials) -> None:
        """Keep, measure and hand over until cancelled; what is counted until then is kept."""
        async with http_client(auth_url, 30) as client:
            try:
                await asyncio.gather(self._keep_on(), self._hand_over_on(client, credentials), self._measure_on())
            finally:
                await self._keep_or_say()

    async def keep(self) -> None:
        """Write what was counted since the last time. Raises Unavailable; then it is written the next time."""
        if not self._pending:
            counts = self._meter.take()
            day = self._day.isoformat()
            self._pending = {(day, *key): amount for key, amount in counts.items()}
            self._number += 1
        self._day = day_of(self._clock())
        if self._pending:
            async with session(self._pool) as connection:
                await tally.keep(connection, self.process, self._number, self._pending)
            self._pending = {}

    async def hand_over(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> bool:
        """Give auth one batch and tell whether there was one. Raises Unavailable, HTTPError."""
        async with session(self._pool) as connection:
            batch = await tally.next_batch(connection)
            if batch is None:
                return False
            service = await connection.fetchval("select current_schema()")
        amounts = [
            {
                "day": each.day.isoformat(),
                "tenant": each.tenant,
                "client": each.client,
                "kind": each.kind,
                "amount": each.amount,
            }
            for each in batch.amounts
        ]
        path, body = f"/usage/reports/{service}/{batch.number}", {"amounts": amounts}
        answer = await client.put(path, json=body, headers=await credentials.headers())
        answer.raise_for_status()
        async with session(self._pool) as connection:
            await tally.forget(connection, batch.number)
        return True

    async def measure(self) -> bool:
        """Measure the stocks of every tenant unless another process does; tell whether it was done."""
        async with session(self._pool) as connection:
            found = await measure(connection, self._tables)
            if found is None:
                return False
            day = day_of(self._clock()).isoformat()
            amounts: dict[tuple[str, ...], int] = {
                (day, tenant, "", kind): amount for (tenant, kind), amount in found.items()
            }
            await tally.keep(connection, uuid.uuid4(), 1, amounts)
        return True

    async def _keep_on(self) -> None:
        while True:
            await asyncio.sleep(min(_KEEP_S, seconds_of_day_left(self._clock())))
            await self._keep_or_say()

    async def _keep_or_say(self) -> None:
        try:
            await self.keep()
        except _FAULTS as error:
            _log.warning("What is counted cannot be kept yet", extra={"reason": repr(error)})

    async def _hand_over_on(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> None:
        while True:
            await asyncio.sleep(_HAND_OVER_S)
            try:
                while await self.hand_over(client, credentials):
                    pass
            except _AWAY as error:
                _log.debug("Auth cannot take what is counted", extra={"reason": repr(error)})

    async def _measure_on(self) -> None:
        pause_s = _FIRST_MEASURE_S
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause_s)
            began = loop.time()
            try:
                await self.measure()
            except _FAULTS as error:
                _log.warning("Stocks cannot be measured", extra={"reason": repr(error)})
            pause_s = max(_LEAST_PAUSE_S, _SHARE * (loop.time() - began))
