"""Who a device is: its plan, cached until provisioning changes in any replica."""

import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.codecs.decoder import Decoder, read_decoder
from services.ingest.domain.arrival import Key
from services.ingest.domain.device import DEFAULT_TYPE, Device, Group, inherit
from services.ingest.domain.plan import Plan, make_plan
from services.ingest.domain.refusal import Reason, Refusal
from services.ingest.store.devices import DeviceStore
from services.ingest.store.groups import GroupStore
from services.ingest.store.registry import RegistryStore

DEFAULT_RESOURCES = ("/iot/json", "/iot/d", "")
_MOST_CACHED = 20_000
_MOST_ANNOUNCED = 1000
_log = logging.getLogger("hiroba.ingest")


@dataclass(slots=True, eq=False)
class Route:
    """A device's plan, the entities that are known to have its static attributes, and its last measure's context."""

    plan: Plan
    decoder: Decoder | None = None
    announced: set[str] = field(default_factory=set)
    previous: Mapping[str, Any] | None = None

    def announce(self, identifier: str) -> None:
        """Note that an entity has the static attributes."""
        if len(self.announced) >= _MOST_ANNOUNCED:
            self.announced.clear()
        self.announced.add(identifier)


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Why a measure has no device, and whose it would be, if its API key tells."""

    refusal: Refusal
    tenant: str | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a device's measures are written, and the type of its entity."""

    tenant: str
    path: str
    entity_type: str


class Registry:
    """Finds routes. Each call asks the database once for the registry's version, so no replica uses an old plan."""

    def __init__(self, groups: GroupStore, devices: DeviceStore, store: RegistryStore, default_zone: str) -> None:
        self._groups = groups
        self._devices = devices
        self._store = store
        self._default_zone = default_zone
        self._routes: OrderedDict[Key, Route] = OrderedDict()
        self._version = -1

    async def find(self, keys: Collection[Key]) -> Mapping[Key, Route | NoRoute]:
        """Return the route of each device, or why it has none. Raises Unavailable."""
        version = await self._store.version()
        if version != self._version:
            self._routes.clear()
            self._version = version
        missing = [key for key in keys if key not in self._routes]
        nowhere = await self._load(missing) if missing else {}
        found: dict[Key, Route | NoRoute] = {}
        for key in keys:
            route = self._routes.get(key)
            if route is not None:
                self._routes.move_to_end(key)
            found[key] = route or nowhere[key]
        while len(self._routes) > _MOST_CACHED:
            self._routes.popitem(last=False)
        return found

    async def device(self, key: Key) -> Device | None:
        """Return the device that a key names, if it is registered. Raises Unavailable."""
        groups = await self._groups.find_by_apikeys([key[0]])
        return _choose(key, _candidates(key[0], groups), await self._store.find_by_keys([key]))

    async def destination(self, key: Key) -> Destination | None:
        """Return where a device's measures go, of one that nobody registered where its group says; registers none.

        None where nobody has the API key. Raises Unavailable.
        """
        route = self._routes.get(key) if await self._store.version() == self._version else None
        if route is not None:
            return Destination(route.plan.tenant, route.plan.path, route.plan.entity_type)
        candidates = _candidates(key[0], await self._groups.find_by_apikeys([key[0]]))
        device = _choose(key, candidates, await self._store.find_by_keys([key]))
        if device is None and candidates:
            device = Device(candidates[0].tenant, candidates[0].path, key[1], key[0], {})
        if device is None:
            return None
        fields = inherit(device, group_of(device, candidates))
        return Destination(device.tenant, device.path, str(fields.get("entity_type") or DEFAULT_TYPE))

    async def tenants_of(self, apikeys: Collection[str]) -> Mapping[str, str]:
        """Return the tenants of API keys that groups have. Raises Unavailable."""
        groups = await self._groups.find_by_apikeys(sorted(apikeys))
        return {group.apikey: group.tenant for group in groups}

    async def _load(self, keys: Sequence[Key]) -> Mapping[Key, NoRoute]:
        groups = await self._groups.find_by_apikeys(sorted({apikey for apikey, _ in keys}))
        devices = await self._store.find_by_keys(keys)
        nowhere: dict[Key, NoRoute] = {}
        unknown: list[Device] = []
        for key in keys:
            candidates = _candidates(key[0], groups)
            device = _choose(key, candidates, devices)
            if device is None and candidates and candidates[0].autoprovisions:
                device = Device(candidates[0].tenant, candidates[0].path, key[1], key[0], {})
                unknown.append(device)
            if device is None:
                nowhere[key] = _no_route(key, candidates)
            else:
                try:
                    plan = make_plan(device, group_of(device, candidates), self._default_zone)
                    self._routes[key] = Route(plan, read_decoder(plan.decoder))
                except Exception as error:  # stored by another version: it must not stop the other devices
                    _log.exception("The provisioning of a device cannot be read")
                    words = f"The provisioning of device {key[1]} cannot be read: {error}"
                    nowhere[key] = NoRoute(Refusal(Reason.INGEST_FAILS, words), device.tenant)
        return {**nowhere, **await self._add(unknown)} if unknown else nowhere

    async def _add(self, unknown: Sequence[Device]) -> Mapping[Key, NoRoute]:
        """Store devices seen for the first time, and return why some have no route: there is no room for them."""
        left = unknown
        try:
            left = await self._devices.add_unknown(unknown)
        finally:
            for each in left:
                self._routes.pop((each.apikey, each.device_id), None)
        words = "The tenant has reached its quota devices: the device is not registered"
        refusal = Refusal(Reason.QUOTA_REACHED, words)
        return {(each.apikey, each.device_id): NoRoute(refusal, each.tenant) for each in left}


def _candidates(apikey: str, groups: Sequence[Group]) -> list[Group]:
    """Return the groups of an API key, those of the JSON protocol's own resources first."""
    order = {resource: place for place, resource in enumerate(DEFAULT_RESOURCES)}
    mine = [each for each in groups if each.apikey == apikey]
    return sorted(mine, key=lambda each: order.get(each.resource, len(order)))


def _choose(key: Key, groups: Sequence[Group], devices: Sequence[Device]) -> Device | None:
    """Return the device that a measure means: in its groups' service paths, else by an API key of its own."""
    apikey, device_id = key
    mine = [each for each in devices if each.device_id == device_id]
    for group in groups:
        inside = [each for each in mine if (each.tenant, each.path) == (group.tenant, group.path)]
        for wanted in (apikey, ""):
            for each in inside:
                if each.apikey == wanted:
                    return each
    tenants = {group.tenant for group in groups}
    return next((e for e in mine if e.apikey == apikey and (not tenants or e.tenant in tenants)), None)


def group_of(device: Device, groups: Sequence[Group]) -> Group | None:
    """Return the group whose fields a device has: in its service path, if there are more of its API key and type."""
    placed = [each for each in groups if (each.tenant, each.path) == (device.tenant, device.path)]
    inside = [each for each in placed if device.apikey and each.apikey == device.apikey] or placed
    kind = device.fields.get("entity_type")
    same_kind = [each for each in inside if kind and each.fields.get("entity_type") == kind]
    return next(iter(same_kind or inside), None)


def _no_route(key: Key, groups: Sequence[Group]) -> NoRoute:
    if not groups:
        return NoRoute(Refusal(Reason.UNKNOWN_APIKEY, "No group and no device has this API key"), None)
    detail = f"Device {key[1]} is not registered, and its group does not autoprovision"
    return NoRoute(Refusal(Reason.UNKNOWN_DEVICE, detail), groups[0].tenant)
