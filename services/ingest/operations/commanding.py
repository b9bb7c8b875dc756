"""Taking commands from the context broker, and their results from devices."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.ingest.codecs.ultralight import GROUPS, write_command
from services.ingest.domain.command import Command, CommandStatus, status_entity
from services.ingest.domain.device import Device, is_ngsi_v2
from services.ingest.operations.profile import Profile, profile_of
from services.ingest.operations.writing import Item, Writer
from services.ingest.store.commands import CommandStore
from services.ingest.store.groups import GroupStore
from services.kernel.clock import Clock
from services.kernel.errors import NotFound

_log = logging.getLogger("hiroba.ingest.commands")


class Commanding:
    """The use cases of commands. What is accepted is stored first: a process that dies loses none."""

    def __init__(
        self, commands: CommandStore, groups: GroupStore, writer: Writer, clock: Clock, expiration_s: float
    ) -> None:
        self._commands = commands
        self._groups = groups
        self._writer = writer
        self._clock = clock
        self._expiration = timedelta(seconds=expiration_s)

    async def give(self, tenant: str, entity: tuple[str, str | None], values: Mapping[str, Any]) -> None:
        """Store the commands among an entity's attributes, for each device of the entity: its id, and its type if told.

        Raises NotFound.
        """
        entity_id, kind = entity
        found = False
        for device in await self._commands.find_devices(tenant, entity_id):
            profile = await profile_of(self._groups, device)
            asked = {name: value for name, value in values.items() if name in profile.commands}
            if asked and kind in (None, profile.entity_type):
                found = True
                await self._store(profile, asked)
        if not found:
            raise NotFound(f"No device takes the commands {', '.join(values)} of entity {entity_id}")

    async def fetch(self, device: Device) -> tuple[dict[str, Any], str]:
        """Return the commands that a device fetches: by name, and as UltraLight; note that it has them."""
        profile = await profile_of(self._groups, device)
        now = self._clock()
        commands = await self._commands.fetch(device, now + self._expiration)
        if commands:
            await self.tell(profile, {each.name: (CommandStatus.DELIVERED, None) for each in commands})
        values = {each.name: self._value(profile, each) for each in commands}
        written = [write_command(device.device_id, each.name, self._value(profile, each)) for each in commands]
        return values, GROUPS.join(written)

    async def tell(self, profile: Profile, states: Mapping[str, tuple[str, Any]]) -> None:
        """Write how commands stand into the device's entity; returns when that is committed."""
        place = {"id": profile.entity_id, "type": profile.entity_type}
        is_v2 = is_ngsi_v2(profile.fields)
        is_timed = is_v2 and profile.fields.get("timestamp") is True
        entity = status_entity(place, states, self._clock(), labelled=is_v2, timed=is_timed)
        item = Item(profile.device.tenant, profile.device.path, entity)
        await self._writer.write([item])
        if item.refusal is not None:
            _log.error("The broker refuses a command's status", extra={"reason": item.refusal.detail})

    async def expire(self) -> None:
        """Give up the commands that nobody fetched, or whose results did not come, in time."""
        for command, device in await self._commands.take_expired(self._clock()):
            profile = await profile_of(self._groups, device)
            await self.tell(profile, {command.name: (CommandStatus.EXPIRED, None)})

    def _value(self, profile: Profile, command: Command) -> Any:
        scope = profile.scope(self._clock(), {command.name: command.value})
        return profile.commands[command.name].value(command.value, scope) if command.name in profile.commands else None

    async def _store(self, profile: Profile, asked: Mapping[str, Any]) -> None:
        now = self._clock()
        is_fetched = profile.transport == "POLL"
        if is_fetched:
            await self._commands.add(profile.device, asked, "stored", (now, now + self._expiration))
            await self.tell(profile, dict.fromkeys(asked, (CommandStatus.PENDING, None)))
        else:
            await self._commands.add(profile.device, asked, "queued", (now, now))
