"""Consent of persons: taken in from auth's feed, and asked for before personal data are given to a service."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import asyncpg
import httpx

from services.broker.domain.entity import Entity
from services.broker.domain.notice import Notice
from services.broker.domain.view import View
from services.broker.store import consents as store
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError
from services.kernel.http_client import http_client
from services.kernel.patience import Patience
from services.kernel.postgres import Connection, session

_WAIT_S: Final = 20
_AWAY = (httpx.HTTPError, HubError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.broker.consents")


class UnknownTenantOfConsent(HubError):
    """A consent is about a tenant that is not known yet"""


async def shown(pool: asyncpg.Pool, tenant_id: int, view: View, entities: Sequence[Entity]) -> list[Entity]:
    """Return what a view shows of entities, with what persons have consented to as of now."""
    given = await _given(pool, tenant_id, view, entities)
    visible = (view.shown(each, given) for each in entities)
    return [each for each in visible if each is not None]


async def notice_within(pool: asyncpg.Pool, tenant_id: int, view: View, notice: Notice) -> Notice | None:
    """Return what of a notice its receiver may have as of now; None where there is nothing left to tell."""
    (left,) = await notices_within(pool, tenant_id, view, (notice,))
    return left


async def notices_within(
    pool: asyncpg.Pool, tenant_id: int, view: View, notices: Sequence[Notice]
) -> list[Notice | None]:
    """Return what of each of some notices their receiver may have as of now; None where nothing is left to tell."""
    told = [each for notice in notices for each in notice.told]
    consents = await _given(pool, tenant_id, view, told)
    return [each.within(view, consents) for each in notices]


async def given(connection: Connection, tenant_id: int, view: View, entities: Sequence[Entity]) -> set[tuple[str, str]]:
    """Return the persons and items of entities for which a view's receiver has consent as of now."""
    asked = view.asked_of(entities)
    if not asked:
        return set()
    subjects, items = {subject for subject, _ in asked}, {item for _, item in asked}
    return await store.given(connection, tenant_id, store.Receiver(*view.receiver), subjects, items)


async def _given(pool: asyncpg.Pool, tenant_id: int, view: View, entities: Sequence[Entity]) -> set[tuple[str, str]]:
    if not view.asks_consent:
        return set()
    async with session(pool) as connection:
        return await given(connection, tenant_id, view, entities)


async def follow(pool: asyncpg.Pool, auth_url: str, credentials: ServiceCredentials) -> None:
    """Take in auth's feed of consents until cancelled. While auth is away, what is known stays."""
    patience = Patience()
    async with http_client(auth_url, _WAIT_S + 10) as client:
        while True:
            try:
                await _take(pool, client, await credentials.headers())
                patience.met()
            except _AWAY as error:
                _log.debug("The feed of consents is away", extra={"reason": repr(error)})
                await patience.wait()


async def _take(pool: asyncpg.Pool, client: httpx.AsyncClient, headers: Mapping[str, str]) -> None:
    async with session(pool) as connection:
        position = await store.position(connection)
    answer = await client.get("/feed/consents", params={"after": position, "wait_s": _WAIT_S}, headers=headers)
    answer.raise_for_status()
    body = answer.json()
    reached = int(body["position"])
    async with session(pool) as connection, connection.transaction():
        if reached < position:
            await store.forget(connection)
            return
        await _apply(connection, body["changes"])
        await store.advance(connection, reached)


async def _apply(connection: Any, changes: Iterable[dict[str, Any]]) -> None:
    for change in changes:
        if not await store.take(connection, change):
            raise UnknownTenantOfConsent(f"Tenant {change['tenant']} is not known yet")
