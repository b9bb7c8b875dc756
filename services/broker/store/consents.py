"""Consents of persons in the database: what auth's feed has told of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

_SQL: Final = load_statements("services.broker.store", "sql/consents.sql")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who wants to receive data, and for what: a provided service and one of its purposes."""

    service: str
    purpose: str


async def given(
    connection: Connection, tenant_id: int, receiver: Receiver, subjects: Collection[str], items: Collection[str]
) -> set[tuple[str, str]]:
    """Return to which items of which persons a receiver has consent."""
    parameters = tenant_id, receiver.service, receiver.purpose, list(subjects), list(items)
    return {(row["subject"], row["item"]) for row in await connection.fetch(_SQL["given"], *parameters)}


async def take(connection: Connection, change: Mapping[str, Any]) -> bool:
    """Write what auth tells of one consent; tell whether its tenant is known."""
    item = f"{change['type']} {change['attribute']}"
    place = change["tenant"], change["service"], change["purpose"], change["subject"], item
    await connection.execute(_SQL["take"], *place, bool(change["given"]), int(change["position"]))
    return bool(await connection.fetchval(_SQL["is_known"], change["tenant"]))


async def position(connection: Connection) -> int:
    """Return how far the feed has been taken in."""
    return int(await connection.fetchval(_SQL["position"]))


async def advance(connection: Connection, reached: int) -> None:
    """Note how far the feed has been taken in, in whichever process."""
    await connection.execute(_SQL["advance"], reached)


async def forget(connection: Connection) -> None:
    """Forget every consent: the feed begins anew."""
    await connection.execute(_SQL["forget"])
    await connection.execute(_SQL["begin_anew"])
