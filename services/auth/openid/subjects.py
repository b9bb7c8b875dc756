"""What a person is called towards an application (OpenID Connect Core, 8)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.tokens import new_token
from services.auth.store import applications


async def subject_for(connection: AsyncConnection, application: Application, user_id: str) -> str:
    """Return the user's identifier, or for a pairwise application one that no other sector knows."""
    if application.details.subject_type == "public":
        return user_id
    return await applications.subject_in(connection, application.details.sector, user_id, new_token())
