"""The journal of one process: chains what its trail gathered, keeps it, and hands it over to auth."""

import asyncio
import logging
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import httpx

from services.kernel.audit import pending
from services.kernel.audit.chain import Act, AuditRecord, chain
from services.kernel.audit.trail import AccessKey, Trail, access_act
from services.kernel.clock import Clock, system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError
from services.kernel.http_client import http_client
from services.kernel.postgres import session

_EVERY_S: Final = 2.0
_BROKEN: Final = 409
_ROUNDS_BETWEEN_HOURS: Final = 30
_AFTER_AN_HOUR: Final = timedelta(minutes=1)
_FAULTS: Final = (HubError, asyncpg.PostgresError)
_AWAY: Final = (*_FAULTS, httpx.HTTPError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.audit")


class Journal:
    """Keeps the trail of one process; `run` carries it while the service lives."""

    def __init__(self, service: str, pool: asyncpg.Pool, trail: Trail, clock: Clock = system_clock) -> None:
        self._service = service
        self._pool = pool
        self._trail = trail
        self._clock = clock
        self._process = uuid.uuid4()
        self._unkept: list[AuditRecord] = []
        self._uncounted: tuple[int, datetime, dict[AccessKey, int]] = (0, clock(), {})
        self._begin_segment()

    async def run(self, auth_url: str, credentials: ServiceCredentials) -> None:
        """Keep and hand over until cancelled; what is gathered until then is kept."""
        async with http_client(auth_url, 30) as client:
            try:
                await asyncio.gather(self._keep_on(), self._hand_over_on(client, credentials))
            finally:
                await self._keep_or_say()

    async def keep(self) -> None:
        """Chain and write what was gathered since the last time. Raises Unavailable; then it is written later."""
        if not self._unkept:
            self._unkept = self._chain(self._trail.take_acts())
        number, hour, access = self._uncounted
        if not access:
            number, hour, access = number + 1, _hour(self._clock()), self._trail.take_access()
            self._uncounted = number, hour, access
        if self._unkept or access:
            async with session(self._pool) as connection:
                if self._unkept:
                    await pending.put(connection, self._unkept)
                    self._unkept = []
                if access:
                    await pending.count(connection, self._process, number, hour, access)
                    self._uncounted = number, hour, {}

    async def close_hours(self) -> None:
        """Make records of the access in hours that are over, once, whichever process does it. Raises Unavailable."""
        before = _hour(self._clock() - _AFTER_AN_HOUR)
        try:
            async with session(self._pool) as connection, connection.transaction():
                over = await pending.take_hours(connection, before)
                await pending.put(connection, self._chain([access_act(*each) for each in over]))
        except BaseException:
            self._begin_segment()  # whether the chain goes on is not known
            raise

    async def hand_over(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> None:
        """Give auth what it does not have, segment by segment. Raises Unavailable, HTTPError."""
        async with session(self._pool) as connection:
            segments = await pending.segments(connection)
        for segment in segments:
            while await self._hand_over_part(client, credentials, segment):
                pass

    async def _hand_over_part(self, client: httpx.AsyncClient, credentials: ServiceCredentials, segment: str) -> bool:
        """Give auth some records of a segment and tell whether it took any."""
        async with session(self._pool) as connection:
            documents = await pending.records(connection, segment)
        if not documents:
            return False
        path = f"/audit/segments/{self._service}/{segment}"
        answer = await client.put(path, json={"records": documents}, headers=await credentials.headers())
        if answer.status_code == _BROKEN:
            _log.error("Auth finds a chain of audit records broken", extra={"segment": segment})
            return False
        answer.raise_for_status()
        async with session(self._pool) as connection:
            await pending.forget(connection, segment, int(documents[-1]["number"]))
        return True

    def _begin_segment(self) -> None:
        self._segment = f"{self._clock():%Y%m%dT%H%M%S}-{self._service}-{secrets.token_hex(6)}"
        self._last: AuditRecord | None = None

    def _chain(self, acts: Sequence[Act]) -> list[AuditRecord]:
        records = chain(self._segment, self._last, acts)
        self._last = records[-1] if records else self._last
        return records

    async def _keep_on(self) -> None:
        round_number = 0
        while True:
            await asyncio.sleep(_EVERY_S)
            await self._keep_or_say()
            round_number += 1
            if round_number % _ROUNDS_BETWEEN_HOURS == 0:
                try:
                    await self.close_hours()
                except _FAULTS as error:
                    _log.warning("An hour's access is not recorded yet", extra={"reason": repr(error)})

    async def _keep_or_say(self) -> None:
        try:
            await self.keep()
        except _FAULTS as error:
            _log.warning("Acts cannot be recorded yet", extra={"reason": repr(error)})

    async def _hand_over_on(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.hand_over(client, credentials)
            except _AWAY as error:
                _log.debug("Auth cannot take audit records", extra={"reason": repr(error)})


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
