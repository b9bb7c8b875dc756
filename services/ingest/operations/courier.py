"""Bringing commands to devices: over MQTT, or to their endpoints. At least once, in order for each device."""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import aiohttp
import orjson

from services.ingest.codecs.ultralight import write_command
from services.ingest.domain.command import Command, CommandFault, CommandStatus, computed_text
from services.ingest.domain.device import Device
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.operations.calling import Call, call_device
from services.ingest.operations.commanding import Commanding
from services.ingest.operations.profile import Profile, profile_of
from services.ingest.operations.results import read_results
from services.ingest.store.commands import CommandStore
from services.ingest.store.groups import GroupStore
from services.kernel.clock import Clock
from services.kernel.egress import EgressRefused
from services.kernel.errors import HubError

_EVERY_S = 0.2
_ROUNDS_BETWEEN_EXPIRIES = 10
_MOST_ATTEMPTS = 10
_log = logging.getLogger("hiroba.ingest.commands")


class Publisher(Protocol):
    """Publishes over MQTT."""

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Return when the MQTT broker has the message. Raises OSError where it has not in time."""
        ...


class Turn(Protocol):
    """Whose turn it is to bring commands: several couriers would mix up a device's order."""

    async def wait(self) -> None:
        """Return when it is ours."""
        ...


class Courier:
    """Delivers the commands that are queued."""

    def __init__(
        self, commands: CommandStore, groups: GroupStore, commanding: Commanding, publisher: Publisher, clock: Clock
    ) -> None:
        self._commands = commands
        self._groups = groups
        self._commanding = commanding
        self._publisher = publisher
        self._clock = clock
        self._egress = "public"
        self._expiration = timedelta(days=1)
        self.turn: Turn | None = None

    def allow(self, egress: str, expiration: timedelta) -> "Courier":
        """Set which networks may be called, and how long results are awaited."""
        self._egress, self._expiration = egress, expiration
        return self

    async def run(self) -> None:
        """Deliver until cancelled."""
        for number in itertools.count():
            if self.turn is not None:
                await self.turn.wait()
            try:
                if not await self.round():
                    await asyncio.sleep(_EVERY_S)
                if number % _ROUNDS_BETWEEN_EXPIRIES == 0:
                    await self._commanding.expire()
            except HubError as error:
                _log.warning("Commands wait", extra={"reason": str(error)})
                await asyncio.sleep(1)

    async def round(self) -> int:
        """Deliver what is due, devices beside each other; return how many commands that were. Raises Unavailable."""
        lanes: dict[int, list[tuple[Command, Device]]] = {}
        claimed = await self._commands.claim(self._clock())
        for command, device in claimed:
            lanes.setdefault(command.device_key, []).append((command, device))
        await asyncio.gather(*(self._deliver_all(lane) for lane in lanes.values()))
        return len(claimed)

    async def _deliver_all(self, lane: list[tuple[Command, Device]]) -> None:
        for command, device in lane:
            profile = await profile_of(self._groups, device)
            if command.name not in profile.commands:
                await self._commands.remove(command, device)
                continue
            await self._deliver(profile, command)

    async def _deliver(self, profile: Profile, command: Command) -> None:
        if command.attempts == 1:
            await self._commanding.tell(profile, {command.name: (CommandStatus.PENDING, None)})
        try:
            if profile.transport == "HTTP":
                await self._call(profile, command)
            else:
                await self._publish(profile, command)
        except (CommandFault, EgressRefused, MeasureRefused) as error:
            await self._fail(profile, command, str(error))
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            if command.attempts >= _MOST_ATTEMPTS or profile.transport == "HTTP":
                await self._fail(profile, command, f"The device cannot be reached: {str(error) or repr(error):.200}")

    async def _publish(self, profile: Profile, command: Command) -> None:
        definition = profile.commands[command.name]
        topic = f"/{profile.apikey}/{profile.device.device_id}/cmd"
        await self._publisher.publish(topic, self._payload(profile, command), definition.qos, retain=definition.retain)
        await self._commands.note_delivered(command, profile.device, self._clock() + self._expiration)

    async def _call(self, profile: Profile, command: Command) -> None:
        definition = profile.commands[command.name]
        scope = profile.scope(self._clock(), {command.name: command.value})
        headers = {name: computed_text(value, scope) for name, value in definition.headers.items()}
        kind = definition.content_type or ("text/plain" if profile.speaks_ultralight else "application/json")
        headers |= {"Content-Type": kind, **profile.place_headers}
        call = Call(profile.endpoint(scope), headers, self._payload(profile, command))
        content = await call_device(call, self._egress)
        await self._settle_call(profile, command, content)

    async def _settle_call(self, profile: Profile, command: Command, content: bytes) -> None:
        device = profile.device
        await self._commands.note_delivered(command, device, self._clock() + self._expiration)
        if not content.strip():
            return
        results = read_results(content, device.device_id, is_ultralight=profile.speaks_ultralight)
        known: Mapping[str, Any] = {name: value for name, value in results.items() if name in profile.commands}
        await self._commanding.tell(profile, {name: (CommandStatus.OK, value) for name, value in known.items()})
        await self._commands.settle((device.tenant, device.path), device.device_id, sorted(known))

    def _payload(self, profile: Profile, command: Command) -> bytes:
        definition = profile.commands[command.name]
        scope = profile.scope(self._clock(), {command.name: command.value})
        value = definition.value(command.value, scope)
        if profile.speaks_ultralight and not definition.is_binary:
            return write_command(profile.device.device_id, command.name, value).encode()
        raw = definition.raw(value)
        if raw is not None:
            return raw
        return orjson.dumps({command.name: value} if definition.expression is None else value)

    async def _fail(self, profile: Profile, command: Command, why: str) -> None:
        await self._commanding.tell(profile, {command.name: (CommandStatus.ERROR, why)})
        await self._commands.remove(command, profile.device)
