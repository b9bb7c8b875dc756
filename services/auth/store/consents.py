"""Consents and their receipts in the database, and the feed of their changes."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.consent import FIRST, Consent, Receipt
from services.auth.store.consent_tables import consent, consent_receipt
from services.auth.store.tables import feed

FEED = "consents"
_KEY = ("tenant", "subject", "service_id", "purpose", "type", "attribute")


async def lock(connection: AsyncConnection) -> int:
    """Let one transaction at a time change consents, and return the feed's last position."""
    statement = select(feed.c.position).where(feed.c.name == FEED).with_for_update()
    return int((await connection.execute(statement)).scalar_one())


async def put(connection: AsyncConnection, changed: Sequence[Consent], position: int) -> None:
    """Write consents at the next positions of the feed, whose lock the caller holds, and wake who waits for it."""
    for number, each in enumerate(changed, position + 1):
        values = asdict(replace(each, position=number))
        set_ = {name: values[name] for name in ("given", "changed_at", "position")}
        statement = insert(consent).values(values)
        await connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=set_))
    reached = position + len(changed)
    await connection.execute(update(feed).where(feed.c.name == FEED).values(position=reached))
    await connection.execute(select(func.pg_notify(f"hiroba_auth_{FEED}", str(reached))))


async def of_subject(connection: AsyncConnection, tenant: str, subject: str) -> list[Consent]:
    """Return the consents of a person in a tenant, withdrawn ones too."""
    statement = select(consent).where(consent.c.tenant == tenant, consent.c.subject == subject)
    rows = (await connection.execute(statement.order_by(consent.c.position))).mappings().all()
    return [Consent(**row) for row in rows]


async def given_to(connection: AsyncConnection, service_id: str) -> list[Consent]:
    """Return the consents that a service has now."""
    statement = select(consent).where(consent.c.service_id == service_id, consent.c.given)
    rows = (await connection.execute(statement.order_by(consent.c.position))).mappings().all()
    return [Consent(**row) for row in rows]


async def last_receipt(connection: AsyncConnection, tenant: str) -> tuple[int, str]:
    """Return number and hash of a tenant's last receipt."""
    statement = select(consent_receipt.c.number, consent_receipt.c.hash).where(consent_receipt.c.tenant == tenant)
    row = (await connection.execute(statement.order_by(consent_receipt.c.number.desc()).limit(1))).one_or_none()
    return (0, FIRST) if row is None else (int(row[0]), str(row[1]))


async def add_receipt(connection: AsyncConnection, receipt: Receipt) -> None:
    """Write a receipt."""
    await connection.execute(insert(consent_receipt).values(asdict(receipt)))


async def receipts_after(connection: AsyncConnection, tenant: str, number: int, most: int) -> list[Receipt]:
    """Return the receipts of a tenant after one, in their order."""
    statement = select(consent_receipt).where(consent_receipt.c.tenant == tenant, consent_receipt.c.number > number)
    rows = (await connection.execute(statement.order_by(consent_receipt.c.number).limit(most))).mappings().all()
    return [Receipt(**row) for row in rows]


async def changes_after(connection: AsyncConnection, after: int, most: int) -> tuple[int, list[Consent]]:
    """Return the position that the feed has reached, and the consents changed after one, oldest change first."""
    reached = int(await connection.scalar(select(feed.c.position).where(feed.c.name == FEED)) or 0)
    statement = select(consent).where(consent.c.position > after).order_by(consent.c.position).limit(most)
    changes = [Consent(**row) for row in (await connection.execute(statement)).mappings().all()]
    if len(changes) == most or (changes and changes[-1].position > reached):
        reached = changes[-1].position
    return reached, changes
