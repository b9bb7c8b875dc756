"""The keys that tokens are signed with: made, rotated, published."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.auth.store import signing_keys
from services.auth.store.database import lock, transaction
from services.auth.store.signing_keys import SealedKey
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable
from services.kernel.seal import Seal, SealBroken

LEAD_S = 600
"""A key is published this long before it signs: twice as long as a verifier keeps what it fetched."""

_OVERLAP_S = 600
_CACHE_S = 30.0


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the operator sees of a key; it is published in the JWK set in every status."""

    kid: str
    status: Literal["coming", "active", "retiring"]
    created_at: datetime
    active_from: datetime
    published_until: datetime | None


class KeyRing:
    """ES256 keys in the database, the private halves sealed; every replica caches them for 30 s."""

    def __init__(self, engine: AsyncEngine, seal: Seal, clock: Clock, *, token_life_s: int) -> None:
        self._engine = engine
        self._seal = seal
        self._clock = clock
        self._token_life = timedelta(seconds=token_life_s)
        self._cached: Sequence[SealedKey] = ()
        self._until = -float("inf")
        self._opened: dict[str, ECKey] = {}
        self._lock = asyncio.Lock()

    async def signer(self) -> tuple[str, ECKey]:
        """Return the active key with its identifier. Raises Unavailable."""
        key = _active(await self._published(), self._clock())
        if key.kid not in self._opened:
            try:
                self._opened = {key.kid: ECKey.import_key(json.loads(self._seal.open(key.sealed_key)))}
            except SealBroken as error:
                raise Unavailable(str(error)) from error
        return key.kid, self._opened[key.kid]

    async def public_set(self) -> Mapping[str, Any]:
        """Return the JWK set of all published keys (RFC 7517, 5). Raises Unavailable."""
        return {"keys": [key.public_key for key in await self._published()]}

    async def states(self) -> list[KeyState]:
        """Return the published keys with their status, the earliest first. Raises Unavailable."""
        now = self._clock()
        keys = await self._published()
        return [_state(key, _active(keys, now), now) for key in keys]

    async def rotate(self, lead_s: int = LEAD_S) -> list[KeyState]:
        """Make a key that becomes active after `lead_s`, and let the present ones retire after it.

        They stay published until the last token they sign has expired. Raises Unavailable.
        """
        async with transaction(self._engine) as connection:
            await lock(connection, "signing keys")
            now = self._clock()
            await signing_keys.remove_ended(connection, now)
            active_from = now + timedelta(seconds=lead_s)
            ending = active_from + self._token_life + timedelta(seconds=_OVERLAP_S)
            for key in await signing_keys.published(connection, now):
                if key.published_until is None:
                    await signing_keys.retire(connection, key.kid, ending)
            await signing_keys.add(connection, self._make(now, active_from))
        self._until = -float("inf")
        return await self.states()

    async def _published(self) -> Sequence[SealedKey]:
        if time.monotonic() >= self._until:
            async with self._lock:
                if time.monotonic() >= self._until:
                    self._cached = await self._load()
                    self._until = time.monotonic() + _CACHE_S
        return self._cached

    async def _load(self) -> Sequence[SealedKey]:
        async with transaction(self._engine) as connection:
            keys = await signing_keys.published(connection, self._clock())
            return keys or await self._make_first(connection)

    async def _make_first(self, connection: AsyncConnection) -> Sequence[SealedKey]:
        await lock(connection, "signing keys")
        now = self._clock()
        keys = await signing_keys.published(connection, now)
        if not keys:
            await signing_keys.add(connection, self._make(now, now))
        return keys or await signing_keys.published(connection, now)

    def _make(self, now: datetime, active_from: datetime) -> SealedKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        sealed = self._seal.close(json.dumps(key.as_dict(private=True)))
        return SealedKey(str(key.kid), dict(key.as_dict(private=False)), sealed, now, active_from)


def _active(keys: Sequence[SealedKey], now: datetime) -> SealedKey:
    """Return the key that signs now: the latest that is active already. `keys` has the earliest first."""
    begun = [key for key in keys if key.active_from <= now]
    return begun[-1] if begun else keys[0]


def _state(key: SealedKey, active: SealedKey, now: datetime) -> KeyState:
    if key.kid == active.kid:
        status: Literal["coming", "active", "retiring"] = "active"
    else:
        status = "coming" if key.active_from > now else "retiring"
    return KeyState(key.kid, status, key.created_at, key.active_from, key.published_until)
