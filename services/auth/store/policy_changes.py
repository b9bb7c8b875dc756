"""Whose grants have changed: the feed that makes tokens outdated at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.tables import feed, policy_change

_FEED = "policies"
_KEPT = timedelta(hours=2)
"""Longer than any token lives: older changes outdate nothing any more."""


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A subject (client, user, device key) whose tokens from before a position are outdated."""

    subject: str
    position: int


async def outdate(connection: AsyncConnection, subject: str, now: datetime) -> int:
    """Make the tokens outdated that a subject has, from the commit on; returns the change's position."""
    locked = select(feed.c.position).where(feed.c.name == _FEED).with_for_update()
    position = int((await connection.execute(locked)).scalar_one()) + 1
    values = {"position": position, "changed_at": now}
    statement = insert(policy_change).values(subject=subject, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[policy_change.c.subject], set_=values))
    await connection.execute(delete(policy_change).where(policy_change.c.changed_at < now - _KEPT))
    await connection.execute(update(feed).where(feed.c.name == _FEED).values(position=position))
    await connection.execute(select(func.pg_notify(f"hiroba_auth_{_FEED}", str(position))))
    return position


async def position(connection: AsyncConnection) -> int:
    """Return the position that the feed has reached: tokens issued now carry it."""
    return int(await connection.scalar(select(feed.c.position).where(feed.c.name == _FEED)) or 0)


async def latest(connection: AsyncConnection, subjects: Collection[str]) -> int:
    """Return the position of the last change of some subjects, 0 if none of them has changed lately."""
    named = policy_change.c.subject.in_([each for each in subjects if each])
    return int(await connection.scalar(select(func.max(policy_change.c.position)).where(named)) or 0)


async def changes_after(connection: AsyncConnection, after: int, most: int) -> tuple[int, list[PolicyChange]]:
    """Return the position that the feed has reached, and the changes after one, oldest first."""
    reached = await position(connection)
    columns = (policy_change.c.subject, policy_change.c.position)
    statement = select(*columns).where(policy_change.c.position > after).order_by(policy_change.c.position)
    changes = [PolicyChange(*row) for row in (await connection.execute(statement.limit(most))).all()]
    if len(changes) == most or (changes and changes[-1].position > reached):
        reached = changes[-1].position
    return reached, changes
