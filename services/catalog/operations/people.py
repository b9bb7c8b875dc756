"""People, whom auth keeps: shown to those who administer them."""

from typing import Any
from urllib.parse import quote

from services.catalog.operations.auth_answers import AuthAnswers


class People(AuthAnswers):
    """The people whom a caller administers. Every method raises what auth refuses with, and Unavailable."""

    async def find(self, authorization: str | None, user_id: str) -> dict[str, Any]:
        """Return a person by identifier."""
        found: dict[str, Any] = await self._ask("GET", f"/users/{quote(user_id, safe='')}", authorization)
        return found

    async def administered(self, authorization: str | None, limit: int, offset: int) -> list[dict[str, Any]]:
        """Return people by login; nobody for a caller who administers none."""
        page = {"limit": limit, "offset": offset}
        answer = await self._ask("GET", "/users", authorization, params=page)
        people: list[dict[str, Any]] = answer["users"]
        return people
