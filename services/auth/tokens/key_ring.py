"""The keys that tokens are signed with: made, rotated, published."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from joserfc.jwk import ECKey, Key, RSAKey
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.auth.store import signing_keys
from services.auth.store.database import lock, transaction
from services.auth.store.signing_keys import SealedKey
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable
from services.kernel.seal import Seal, SealBroken

LEAD_S = 600
"""A key is published this long before it signs: twice as long as a verifier keeps what it fetched."""

Algorithm = Literal["ES256", "RS256"]
"""What tokens are signed with: ES256 (RFC 7518, 3.4); ID tokens of applications that ask for it with RS256 (3.3)."""

USUAL: Final[Algorithm] = "ES256"
_RSA_BITS: Final = 2048
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
    """Keys in the database, the private halves sealed; every replica caches them for 30 s.

    Those for ES256 come with the first start, those for RS256 with the first application that asks for it.
    """

    def __init__(self, engine: AsyncEngine, seal: Seal, clock: Clock, *, token_life_s: int) -> None:
        self._engine = engine
        self._seal = seal
        self._clock = clock
        self._token_life = timedelta(seconds=token_life_s)
        self._cached: Sequence[SealedKey] = ()
        self._until = -float("inf")
        self._opened: dict[str, Key] = {}
        self._lock = asyncio.Lock()

    async def signer(self, algorithm: Algorithm = USUAL) -> tuple[str, Key]:
        """Return the active key of an algorithm with its identifier. Raises Unavailable."""
        keys = _of(await self._published(), algorithm)
        if not keys:
            raise Unavailable(f"There is no key for {algorithm}")
        key = _active(keys, self._clock())
        if key.kid not in self._opened:
            try:
                opened = _KINDS[algorithm].import_key(json.loads(self._seal.open(key.sealed_key)))
            except SealBroken as error:
                raise Unavailable(str(error)) from error
            others = {kid: value for kid, value in self._opened.items() if type(value) is not type(opened)}
            self._opened = {**others, key.kid: opened}
        return key.kid, self._opened[key.kid]

    async def ensure(self, algorithm: Algorithm) -> None:
        """Make the first key of an algorithm, if there is none. Raises Unavailable."""
        if not _of(await self._published(), algorithm):
            async with transaction(self._engine) as connection:
                await self._make_first(connection, algorithm)
            self._until = -float("inf")

    async def public_set(self) -> Mapping[str, Any]:
        """Return the JWK set of all published keys (RFC 7517, 5). Raises Unavailable."""
        return {"keys": [key.public_key for key in await self._published()]}

    async def states(self) -> list[KeyState]:
        """Return the published keys with their status, the earliest first. Raises Unavailable."""
        now = self._clock()
        keys = await self._published()
        return [_state(key, _active(_of(keys, _algorithm(key)), now), now) for key in keys]

    async def rotate(self, lead_s: int = LEAD_S) -> list[KeyState]:
        """Make a key of each algorithm that becomes active after `lead_s`, and let the present ones retire after it.

        They stay published until the last token they sign has expired. Raises Unavailable.
        """
        async with transaction(self._engine) as connection:
            await lock(connection, "signing keys")
            now = self._clock()
            await signing_keys.remove_ended(connection, now)
            active_from = now + timedelta(seconds=lead_s)
            ending = active_from + self._token_life + timedelta(seconds=_OVERLAP_S)
            present = await signing_keys.published(connection, now)
            for key in present:
                if key.published_until is None:
                    await signing_keys.retire(connection, key.kid, ending)
            for algorithm in sorted({_algorithm(key) for key in present} | {USUAL}):
                await signing_keys.add(connection, await self._make(algorithm, now, active_from))
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
            return keys or await self._make_first(connection, USUAL)

    async def _make_first(self, connection: AsyncConnection, algorithm: Algorithm) -> Sequence[SealedKey]:
        await lock(connection, "signing keys")
        now = self._clock()
        if not _of(await signing_keys.published(connection, now), algorithm):
            await signing_keys.add(connection, await self._make(algorithm, now, now))
        return await signing_keys.published(connection, now)

    async def _make(self, algorithm: Algorithm, now: datetime, active_from: datetime) -> SealedKey:
        key = await asyncio.to_thread(_generate, algorithm)  # RSA takes its time
        sealed = self._seal.close(json.dumps(key.as_dict(private=True)))
        return SealedKey(str(key.kid), dict(key.as_dict(private=False)), sealed, now, active_from)


_KINDS: Final[Mapping[Algorithm, type[ECKey] | type[RSAKey]]] = {"ES256": ECKey, "RS256": RSAKey}


def _generate(algorithm: Algorithm) -> ECKey | RSAKey:
    told: dict[str, Any] = {"use": "sig", "alg": algorithm}
    if algorithm == "RS256":
        return RSAKey.generate_key(_RSA_BITS, told, auto_kid=True)  # type: ignore[arg-type]
    return ECKey.generate_key("P-256", told, auto_kid=True)  # type: ignore[arg-type]


def _algorithm(key: SealedKey) -> Algorithm:
    return "RS256" if key.public_key["alg"] == "RS256" else "ES256"


def _of(keys: Sequence[SealedKey], algorithm: Algorithm) -> Sequence[SealedKey]:
    return [key for key in keys if _algorithm(key) == algorithm]


def _active(keys: Sequence[SealedKey], now: datetime) -> SealedKey:
    """Return the key of those of an algorithm that signs now: the latest that is active already.

    `keys` has the earliest first.
    """
    begun = [key for key in keys if key.active_from <= now]
    return begun[-1] if begun else keys[0]


def _state(key: SealedKey, active: SealedKey, now: datetime) -> KeyState:
    if key.kid == active.kid:
        status: Literal["coming", "active", "retiring"] = "active"
    else:
        status = "coming" if key.active_from > now else "retiring"
    return KeyState(key.kid, status, key.created_at, key.active_from, key.published_until)
