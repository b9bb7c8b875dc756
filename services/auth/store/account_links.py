"""Sign-ins with external providers, in the database."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.account_link_tables import account_link, external_sign_in


@dataclass(frozen=True, slots=True)
class ExternalSignIn:
    """A browser that is at an external provider; `link_user` is who wants to link that account, if it is for that."""

    state_hash: str
    browser_hash: str
    provider: str
    nonce: str
    verifier: str
    request_id: str
    expires_at: datetime
    link_user: str | None = None


@dataclass(frozen=True, slots=True)
class AccountLink:
    """What an external provider calls a person."""

    provider: str
    subject: str
    user_id: str
    linked_at: datetime


async def begin(connection: AsyncConnection, begun: ExternalSignIn, now: datetime) -> None:
    """Keep what a browser leaves for, and forget those that have not come back."""
    await connection.execute(delete(external_sign_in).where(external_sign_in.c.expires_at <= now))
    await connection.execute(external_sign_in.insert().values(asdict(begun)))


async def finish(connection: AsyncConnection, state_hash: str, now: datetime) -> ExternalSignIn | None:
    """Return what a browser left for, this once."""
    held = external_sign_in.c
    statement = delete(external_sign_in).where(held.state_hash == state_hash, held.expires_at > now)
    row = (await connection.execute(statement.returning(*held))).mappings().one_or_none()
    return None if row is None else ExternalSignIn(**row)


async def linked_user(connection: AsyncConnection, provider: str, subject: str) -> str | None:
    """Return the user whom a provider calls so."""
    held = account_link.c
    statement = select(held.user_id).where(held.provider == provider, held.subject == subject)
    found: str | None = await connection.scalar(statement)
    return found


async def link(connection: AsyncConnection, written: AccountLink) -> str:
    """Link an account; returns the user to whom it is linked, which is another one if it was linked before."""
    await connection.execute(insert(account_link).values(asdict(written)).on_conflict_do_nothing())
    return str(await linked_user(connection, written.provider, written.subject))


async def links_of(connection: AsyncConnection, user_id: str) -> list[AccountLink]:
    """Return the accounts that a person has linked."""
    statement = select(account_link).where(account_link.c.user_id == user_id).order_by(account_link.c.linked_at)
    return [AccountLink(**row) for row in (await connection.execute(statement)).mappings().all()]


async def unlink(connection: AsyncConnection, user_id: str, provider: str) -> None:
    """Forget a person's accounts at a provider."""
    held = account_link.c
    await connection.execute(delete(account_link).where(held.user_id == user_id, held.provider == provider))
