"""Personal keys, which auth keeps: made, listed and ended there in the name of who asks."""

from datetime import datetime
from typing import Any

from services.catalog.operations.auth_answers import AuthAnswers
from services.kernel.clock import to_iso

_PATH = "/personal-keys"


class PersonalKeys(AuthAnswers):
    """The keys of people. Every method raises what auth refuses with, and Unavailable."""

    async def create(
        self, authorization: str | None, user: str, title: str, expires_at: datetime | None
    ) -> dict[str, Any]:
        """Make a key for the caller and return it, its text among it."""
        new = {"user": user, "title": title, "expires_at": None if expires_at is None else to_iso(expires_at)}
        made: dict[str, Any] = await self._ask("POST", _PATH, authorization, json=new)
        return made

    async def of(self, authorization: str | None, user: str) -> list[dict[str, Any]]:
        """Return the keys of a person, the caller or somebody whom the caller administers."""
        answer = await self._ask("GET", _PATH, authorization, params={"user": user})
        keys: list[dict[str, Any]] = answer["keys"]
        return keys

    async def revoke(self, authorization: str | None, key_id: str) -> None:
        """End a key at once."""
        await self._ask("DELETE", f"{_PATH}/{key_id}", authorization)
