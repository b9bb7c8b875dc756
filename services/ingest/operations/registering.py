"""Keeping the broker's registrations what provisioning says: each device's commands are forwarded to ingest."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import orjson

from services.ingest.operations.profile import Profile, profile_of
from services.ingest.sink.port import BatchRefused, SinkAway
from services.ingest.store.commanded import CommandedEntity, CommandedStore
from services.ingest.store.groups import GroupStore
from services.ingest.store.registry import RegistryStore
from services.kernel.errors import HubError

_APIS = ("v2", "ld")
_EVERY_S = 1.0
_AFTER_TROUBLE_S = 5.0
_log = logging.getLogger("hiroba.ingest.commands")


class Registrations(Protocol):
    """Registers at the broker and takes back."""

    async def register(self, api: str, place: tuple[str, str], entity: dict[str, str], names: Sequence[str]) -> str:
        """Return the registration's id. Raises BatchRefused, SinkAway."""
        ...

    async def remove(self, api: str, place: tuple[str, str], registration_id: str) -> None:
        """Take a registration back. Raises BatchRefused, SinkAway."""
        ...


class Registering:
    """Compares what is registered with what should be, whenever provisioning has changed."""

    def __init__(
        self, store: CommandedStore, groups: GroupStore, registry: RegistryStore, registrations: Registrations
    ) -> None:
        self._store = store
        self._groups = groups
        self._registry = registry
        self._registrations = registrations
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
            wanted = {
                device.device_key: await profile_of(self._groups, device) for device in await self._store.devices()
            }
            known = {each.device_key: each for each in await self._store.list()}
            for key, entity in known.items():
                if key not in wanted or not wanted[key].commands:
                    await self._take_back(entity)
            for key, profile in wanted.items():
                if profile.commands:
                    await self._settle(profile, known.get(key))

    async def _look(self) -> None:
        mark = await self._registry.mark()
        if mark != self._seen:
            await self.round()
            self._seen = mark

    async def _settle(self, profile: Profile, known: CommandedEntity | None) -> None:
        target = _target(profile)
        if known is not None and known.digest == target.digest:
            return
        if known is not None:
            await self._take_back(known)
        entity = {"id": target.entity_id, "type": target.entity_type}
        found: dict[str, str] = {}
        for api in _APIS:
            try:
                place = (target.tenant, target.path)
                found[api] = await self._registrations.register(api, place, entity, sorted(profile.commands))
            except BatchRefused as error:
                _log.error(
                    "The broker refuses a registration", extra={"entity": target.entity_id, "reason": str(error)}
                )
        await self._store.keep(replace(target, registrations=found))

    async def _take_back(self, entity: CommandedEntity) -> None:
        for api, identifier in entity.registrations.items():
            try:
                await self._registrations.remove(api, (entity.tenant, entity.path), identifier)
            except BatchRefused as error:
                _log.error("The broker keeps a registration", extra={"id": identifier, "reason": str(error)})
        await self._store.forget(entity)


def _target(profile: Profile) -> CommandedEntity:
    device = profile.device
    parts = [device.tenant, device.path, profile.entity_id, profile.entity_type, sorted(profile.commands)]
    return CommandedEntity(
        device_key=device.device_key,
        tenant=device.tenant,
        path=device.path,
        entity_id=profile.entity_id,
        entity_type=profile.entity_type,
        digest=hashlib.sha256(orjson.dumps(parts)).hexdigest(),
        registrations={},
    )
