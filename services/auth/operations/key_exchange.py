"""The exchange of keys that are sent as they are, of devices and of people, for tokens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.key_text import KeyText, is_right
from services.auth.operations.auth import Auth
from services.auth.store import policy_changes
from services.auth.store.database import transaction
from services.auth.store.key_use import note_use
from services.auth.store.reach import NOTHING
from services.auth.tokens.access_token import AccessToken, Bearer, sign
from services.kernel.errors import NotAuthenticated


class _Key(Protocol):
    @property
    def key_hash(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    def is_valid(self, now: datetime) -> bool: ...


Key = TypeVar("Key", bound=_Key)


@dataclass(frozen=True, slots=True)
class KeysOf(Generic[Key]):
    """Keys of one kind: their name and form, where they lie, and whom a valid one stands for, if anybody."""

    name: str
    texts: KeyText
    table: Table
    find: Callable[[AsyncConnection, str], Awaitable[Key | None]]
    bearer_of: Callable[[AsyncConnection, Key, datetime], Awaitable[Bearer | None]]


async def exchange(auth: Auth, keys: KeysOf[Key], text: str) -> AccessToken:
    """Give who holds a key a token that ends with it. Raises NotAuthenticated, TooMany."""
    refusal = NotAuthenticated(f"The {keys.name} is not valid")
    key_id = keys.texts.id_of(text)
    if key_id is None:
        raise refusal
    auth.attempts.check(key_id)
    now = auth.clock()
    async with transaction(auth.engine, NOTHING.also("identify")) as connection:
        revision = await policy_changes.position(connection)
        key = await keys.find(connection, key_id)
        if key is None or not is_right(key.key_hash, text):
            auth.attempts.note_wrong(key_id)
            raise refusal
        bearer = await keys.bearer_of(connection, key, now) if key.is_valid(now) else None
        if bearer is None:
            raise refusal
        await note_use(connection, keys.table, key_id, now)
    life_s = auth.issuer.token_life_s
    if key.expires_at is not None:
        life_s = max(1, min(life_s, int((key.expires_at - now).total_seconds())))
    return sign(auth.issuer.living(life_s), replace(bearer, revision=revision), await auth.keys.signer(), now)
