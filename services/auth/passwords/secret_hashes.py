"""Argon2id hashes of secrets (RFC 9106), verified off the event loop, and remembered once they were right."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

T = TypeVar("T")
_REMEMBERED = 10_000
_THREADS = 2
_MEMORY_KIB = 7 * 1024  # of each thread; with 5 passes as strong as 19 MiB with 2
HASHER = PasswordHasher(time_cost=5, memory_cost=_MEMORY_KIB, parallelism=1)


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """Return the hash that a secret is held against when there is no client of that name."""
    return hasher.hash(secrets.token_urlsafe(32))


class SecretHashes:
    """Makes and verifies hashes. A wrong secret, an unknown client and a suspended one all cost one verification.

    A secret that was right is remembered as an HMAC under a key of this process and the stored hash, so that a
    client which asks often pays once, and a changed secret is forgotten by itself.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._hasher = HASHER
        self._unknown = _hash_of_nobody(self._hasher)

    async def hash(self, secret: str) -> str:
        """Return the hash under which a secret is kept, with its salt and parameters."""
        return await self._run(self._hasher.hash, secret)

    async def verify(self, stored: str | None, secret: str) -> bool:
        """Tell whether a secret belongs to a stored hash; None stands for a client that does not exist."""
        mark = self._mark(stored or self._unknown, secret)
        if stored is not None and mark in self._right:
            self._right.move_to_end(mark)
            return True
        is_right = await self._run(self._is_right, stored or self._unknown, secret)
        if stored is None or not is_right:
            return False
        self._right[mark] = None
        if len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)
        return True

    async def verify_once(self, stored: str | None, secret: str) -> bool:
        """Tell the same without remembering anything: for passwords, which people make up, one hash each time."""
        return await self._run(self._is_right, stored or self._unknown, secret) and stored is not None

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _mark(self, stored: str, secret: str) -> bytes:
        message = f"{stored}\0{secret}".encode(errors="surrogatepass")
        return hmac.digest(self._key, message, hashlib.sha256)

    def _is_right(self, stored: str, secret: str) -> bool:
        try:
            return self._hasher.verify(stored, secret)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False

    async def _run(self, work: Callable[..., T], *given: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
