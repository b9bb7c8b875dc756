"""Keeping the broker's registrations what provisioning says: commands and lazy attributes are forwarded to ingest."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.ingest.domain.offer import TOLD, Offer
from services.ingest.operations.profile import Profile, profile_of
from services.ingest.sink.port import BatchRefused, SinkAway
from services.ingest.store.commanded import CommandedEntity, CommandedStore
from services.ingest.store.groups import GroupStore
from services.ingest.store.registry import RegistryStore
from services.ingest.store.subscriptions import SubscriptionStore
from services.kernel.errors import HubError

_REGISTERED = ("v2", "ld")
_SUBSCRIBED = "subscription"
_EVERY_S = 1.0
_AFTER_TROUBLE_S = 5.0
_log = logging.getLogger("hiroba.ingest.commands")


class Registrations(Protocol):
    """Registers at the broker and takes back."""

    async def register(self, api: str, offer: Offer) -> str:
        """Return the registration's id. Raises BatchRefused, SinkAway."""
        ...

    async def clear(self, offer: Offer) -> None:
        """Remove the attributes of commands, so that updates of them are forwarded. Raises SinkAway."""
        ...

    async def remove(self, api: str, place: tuple[str, str], registration_id: str) -> None:
        """Take a registration back. Raises BatchRefused, SinkAway."""
        ...


@dataclass(frozen=True, slots=True)
class OfferStores:
    """What is registered, and what devices want to be told of."""

    commanded: CommandedStore
    subscriptions: SubscriptionStore


class Registering:
    """Compares what is registered with what should be, whenever provisioning has changed."""

    def __init__(self, stores: OfferStores, groups: GroupStore, registry: RegistryStore, at: Registrations) -> None:
        self._store, self._subscriptions = stores.commanded, stores.subscriptions
        self._groups = groups
        self._registry = registry
        self._registrations = at
        self._seen = (-1, -1)
        self._is_done = asyncio.Condition()

    async def run(self) -> None:
        """Keep the registrations until cancelled."""
        while True:
            pause = _EVERY_S
            try:
                await self._look()
            except (HubError, SinkAway) as error:
                _log.warning("Commands cannot be registered now", extra={"reason": str(error)})
                pause = _AFTER_TROUBLE_S
            await asyncio.sleep(pause)

    async def is_settled(self) -> bool:
        """Tell whether what is registered is what provisioning says now. Raises Unavailable."""
        return await self._registry.mark() == self._seen

    async def round(self) -> None:
        """Make the registrations what they should be. Raises SinkAway, Unavailable."""
        async with self._store.alone() as is_alone:
            if not is_alone:
                return
            told = await self._subscriptions.fields()
            devices = await self._store.devices()
            offers = {
                each.device_key: _offer(await profile_of(self._groups, each), told.get(each.device_key, {}))
                for each in devices
            }
            known = {each.device_key: each for each in await self._store.list()}
            for key, entity in known.items():
                if not offers.get(key):
                    await self._take_back(entity)
            for key, offer in offers.items():
                if offer:
                    await self._settle(key, offer, known.get(key))

    async def _look(self) -> None:
        mark = await self._registry.mark()
        if mark != self._seen:
            await self.round()
            self._seen = mark

    async def _settle(self, device_key: int, offer: Offer, known: CommandedEntity | None) -> None:
        if known is not None and known.digest == offer.digest:
            return
        if known is not None:
            await self._take_back(known)
            if _SUBSCRIBED in known.registrations and not offer.is_notified:
                await self._registrations.clear(offer)
        found: dict[str, str] = {}
        for api in _apis(offer):
            try:
                found[api] = await self._registrations.register(api, offer)
            except BatchRefused as error:
                fields = {"entity": offer.entity_id, "reason": str(error)}
                _log.error("The broker refuses a registration", extra=fields)
        await self._store.keep(_commanded(device_key, offer, found))

    async def _take_back(self, entity: CommandedEntity) -> None:
        for api, identifier in entity.registrations.items():
            try:
                await self._registrations.remove(api, (entity.tenant, entity.path), identifier)
            except BatchRefused as error:
                _log.error("The broker keeps a registration", extra={"id": identifier, "reason": str(error)})
        await self._store.forget(entity)


def _apis(offer: Offer) -> list[str]:
    """Return how the broker is to learn of an offer."""
    subscribed = [_SUBSCRIBED] if offer.is_subscribed else []
    return [*(_REGISTERED if offer.registered else ()), *subscribed, *(f"{TOLD}{number}" for number in offer.told)]


def _offer(profile: Profile, told: Mapping[int, tuple[str, ...]]) -> Offer:
    device = profile.device
    return Offer(
        tenant=device.tenant,
        path=device.path,
        entity_id=profile.entity_id,
        entity_type=profile.entity_type,
        commands={name: each.type for name, each in profile.commands.items()},
        lazy=profile.lazy,
        is_notified=profile.is_notified,
        told=told,
    )


def _commanded(device_key: int, offer: Offer, registrations: Mapping[str, str]) -> CommandedEntity:
    return CommandedEntity(
        device_key=device_key,
        tenant=offer.tenant,
        path=offer.path,
        entity_id=offer.entity_id,
        entity_type=offer.entity_type,
        digest=offer.digest,
        registrations=registrations,
    )
