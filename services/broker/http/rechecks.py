"""Subscriptions keep to what their makers may see now: looked at anew when grants, or what tenants ask, change."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import httpx

from services.broker.domain.narrowing import narrowed
from services.broker.domain.subscription import Subscription
from services.broker.domain.view import View
from services.broker.http.admission import resolved, view_of
from services.broker.http.restrictions import receiver_of
from services.broker.operations.broker import Broker
from services.broker.settings import BrokerSettings
from services.broker.store import subscriptions as store
from services.broker.store.subscriptions import Owned
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError
from services.kernel.http_client import http_client
from services.kernel.identity import Grant, Principal, Revisions
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

BARRED: Final = "The grants of who made the subscription do not reach anything any more; its maker may change it"
_EVERY_S: Final = 300.0
_RETRY_S: Final = 0.5
_AWAY = (httpx.HTTPError, HubError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.broker.rechecks")


class Rechecks:
    """Looks at subscriptions anew: all at the start and every five minutes, else those that a change is about."""

    def __init__(self, broker: Broker, revisions: Revisions) -> None:
        self._broker = broker
        self._subjects: set[str] = set()
        self._tenants: set[str] = set()
        self._told = asyncio.Event()
        revisions.watch(self._take_subjects)
        broker.tenants.watch(self._take_tenant)

    async def run(self, settings: BrokerSettings) -> None:
        """Look at subscriptions until cancelled. While auth is away, they stay as they are."""
        credentials = ServiceCredentials(settings.auth_url, settings.client_id, settings.client_secret)
        async with http_client(settings.auth_url, 10) as client:
            await self._look(client, credentials, None)
            while True:
                try:
                    async with asyncio.timeout(_EVERY_S):
                        await self._told.wait()
                except TimeoutError:
                    await self._look(client, credentials, None)
                    continue
                names = self._subjects, self._tenants
                self._subjects, self._tenants = set(), set()
                self._told.clear()
                await self._look(client, credentials, names)

    def _take_subjects(self, subjects: Collection[str]) -> None:
        self._subjects.update(subjects)
        self._told.set()

    def _take_tenant(self, name: str) -> None:
        self._tenants.add(name)
        self._told.set()

    async def _look(
        self, client: httpx.AsyncClient, credentials: ServiceCredentials, names: tuple[set[str], set[str]] | None
    ) -> None:
        """Look at the subscriptions of some makers and tenants, of all where none are given, until it is done."""
        while True:
            try:
                async with session(self._broker.pool) as connection:
                    found = await store.owned(connection, names)
                headers = await credentials.headers() if found else {}
                for each in found:
                    await self._recheck(each, await _standing(client, headers, each.subscription))
            except _AWAY as error:
                _log.debug("Subscriptions cannot be looked at", extra={"reason": repr(error)})
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _recheck(self, owned: Owned, maker: Principal) -> None:
        broker = self._broker
        tenant = await broker.tenants.find_any(owned.tenant)
        if tenant is None or tenant.status != "active":
            return
        view = await _view(broker, maker, tenant)
        async with session(broker.pool) as connection, connection.transaction():
            ref = owned.subscription
            record = await store.retrieve_locked(connection, owned.tenant_id, ref.face, ref.id)
            if record is None or record.subscription.barred:
                return
            kept = record.subscription
            left = narrowed(kept.view, view)
            if left == kept.view:
                return
            is_barred = left is not None and not left.parts
            changed = replace(kept, view=left)
            if is_barred:
                changed = replace(kept, is_active=False, barred=BARRED)
            await store.replace(connection, owned.tenant_id, changed, record.modified_at)
            await store.bump_version(connection, owned.tenant_id, kept.id)
        _log.info(
            "A subscription shows what its maker may see now", extra={"subscription": ref.id, "barred": is_barred}
        )


async def _view(broker: Broker, maker: Principal, tenant: Tenant) -> View | None:
    """Return what a maker may see of a tenant in notifications, None for everything."""
    known = await resolved(broker, maker, tenant)
    if tenant.rules is None and known.is_unlimited("subscribe", tenant.name):
        return None
    view = await view_of(broker, known, "subscribe", tenant)
    if not view.is_limited:
        return None
    return replace(view, receiver=receiver_of(maker, "")) if view.withheld else view


async def _standing(client: httpx.AsyncClient, headers: Mapping[str, str], subscription: Subscription) -> Principal:
    """Ask auth what a maker stands for now; one that is gone has no grants."""
    subject = subscription.maker or subscription.owner
    kind = "user" if subject != subscription.owner else "device_key" if subject.startswith("key:") else "client"
    path = f"/subjects/{quote(subject, safe='')}/standing"
    answer = await client.get(path, params={"kind": kind}, headers=headers)
    answer.raise_for_status()
    told = answer.json()
    return Principal(
        subject,
        subscription.owner,
        tuple(map(Grant.of, told["grants"])),
        int(told["ial"]),
        max(int(told["aal"]), subscription.maker_aal),
        service=str(told["service"]),
        purposes=tuple(told["purposes"]),
    )
