"""Asking devices for lazy attributes, when somebody reads their entities.

A device over MQTT is asked on `/<apikey>/<device>/lazy/commands`, one with an endpoint by GET of `<endpoint>/<key>`; a
device that fetches its commands cannot be asked.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from services.ingest.codecs.payload import AliasBook, Limits, read_parts
from services.ingest.domain.arrival import Address, Arrival, Key, Outcome
from services.ingest.domain.command import CommandFault
from services.ingest.domain.errors import DeviceNotFound
from services.ingest.domain.lazy import LazyPlan, lazy_plan
from services.ingest.domain.plan import Entity
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.operations.calling import Call, below, call_device
from services.ingest.operations.profile import Profile, profile_of
from services.ingest.store.commands import CommandStore
from services.ingest.store.groups import GroupStore
from services.kernel.clock import Clock
from services.kernel.egress import EgressRefused
from services.kernel.errors import Unavailable

_MOST_AT_ONCE = 20
_log = logging.getLogger("hiroba.ingest.lazy")


class Questions(Protocol):
    """Asks devices over MQTT."""

    async def ask(self, key: Key, keys: Sequence[str], *, is_ultralight: bool) -> Mapping[str, Any]:
        """Return what a device has answered in time. Raises OSError where the MQTT broker is away."""
        ...


@dataclass(frozen=True, slots=True)
class AskingRule:
    """Which networks may be called, how long a device is waited for, and the zone of its times."""

    egress: str
    timeout_s: float
    zone: str
    limits: Limits


class Asking:
    """Answers for the lazy attributes of entities."""

    def __init__(
        self, commands: CommandStore, groups: GroupStore, questions: Questions, clock: Clock, rule: AskingRule
    ) -> None:
        self._commands = commands
        self._groups = groups
        self._questions = questions
        self._clock = clock
        self._rule = rule

    async def ask(self, tenant: str, entity: tuple[str | None, str | None], names: Sequence[str]) -> list[Entity]:
        """Return entities with lazy attributes, of an id, a type or both; `names` none: all of them.

        Raises DeviceNotFound where no device has such attributes, Unavailable where none of the devices answers.
        """
        profiles = [await profile_of(self._groups, each) for each in await self._commands.find_devices(tenant, *entity)]
        asked = [(each, plan) for each in profiles if each.lazy and (plan := self._plan(each)).keys(names)]
        if not asked:
            raise DeviceNotFound(f"No device has lazy attributes {', '.join(names)} of {entity[0] or entity[1]}")
        gate = asyncio.Semaphore(_MOST_AT_ONCE)
        found = await asyncio.gather(*(self._entity(gate, profile, plan, names) for profile, plan in asked))
        entities = [each for each in found if each is not None]
        if not entities:
            raise Unavailable("The device does not answer in time")
        return entities

    def _plan(self, profile: Profile) -> LazyPlan:
        return lazy_plan(profile.device, profile.fields, profile.entity_id, self._rule.zone)

    async def _entity(
        self, gate: asyncio.Semaphore, profile: Profile, plan: LazyPlan, names: Sequence[str]
    ) -> Entity | None:
        """Return a device's entity, or none where it does not answer, or answers what is no value."""
        try:
            async with gate:
                values = await self._values(profile, plan.keys(names))
            return plan.entity(values, self._clock()) if values else None
        except (OSError, TimeoutError, aiohttp.ClientError, CommandFault, EgressRefused, MeasureRefused) as error:
            fields = {"entity": profile.entity_id, "reason": str(error) or repr(error)}
            _log.warning("A device does not tell its lazy attributes", extra=fields)
            return None

    async def _values(self, profile: Profile, keys: Sequence[str]) -> Mapping[str, Any]:
        match profile.transport:
            case "MQTT":
                address = profile.apikey, profile.device.device_id
                return await self._questions.ask(address, keys, is_ultralight=profile.speaks_ultralight)
            case "HTTP":
                found = await asyncio.gather(*(self._fetch(profile, key) for key in keys))
                return {key: value for key, value in zip(keys, found, strict=True) if value is not None}
            case _:
                return {}

    async def _fetch(self, profile: Profile, key: str) -> Any:
        """Return the value of one attribute, which the device answers alone or in an object of its key."""
        url = below(profile.endpoint(profile.scope(self._clock(), {})), key)
        content = await call_device(Call(url, profile.place_headers, None, self._rule.timeout_s), self._rule.egress)
        if not content.strip():
            return None
        protocol: Any = "ul" if profile.speaks_ultralight else "json"
        address = Address(profile.apikey, profile.device.device_id, key, protocol)
        arrival = Arrival("http", url, address, content, self._clock(), _settled)
        value = read_parts(arrival, self._rule.limits, AliasBook())[0].values[key]
        return value[key] if isinstance(value, dict) and value.keys() == {key} else value


def _settled(_: Outcome) -> None:
    """Acknowledge nothing: an answer is not stored."""
