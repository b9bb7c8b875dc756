"""Groups and devices: create, list, find, change, remove."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.ingest.domain.device import Device, Group, inherit, own_entity
from services.ingest.domain.errors import DeviceNotFound, GroupNotFound, MismatchedService, WrongSyntax
from services.ingest.operations.registry import group_of
from services.ingest.store.devices import DeviceStore
from services.ingest.store.groups import GroupStore
from services.kernel.paging import Page
from services.kernel.tenancy import TenantDirectory

_MOST_NAMED = 20
GroupName = tuple[str, str]
"""Resource and API key."""
DeviceName = tuple[str, str | None]
"""Device id and, where several share it, API key."""


class Provisioning:
    """The use cases of the provisioning API; a first write may create the tenant, where the settings say so."""

    def __init__(
        self, tenants: TenantDirectory, groups: GroupStore, devices: DeviceStore, defaults: Mapping[str, Any]
    ) -> None:
        self._defaults = defaults
        self._tenants = tenants
        self._groups = groups
        self._devices = devices

    async def create_groups(self, tenant: str, groups: Sequence[Group]) -> None:
        """Create groups, all or none, with defaults of what they lack. Raises DuplicateGroup, UnknownTenant."""
        found = await self._tenants.find_or_create(tenant)
        completed = [replace(each, fields={**self._defaults, **each.fields}) for each in groups]
        await self._groups.create(found.tenant_id, completed)

    async def list_groups(self, tenant: str, path: str | None, page: Page) -> tuple[int, Sequence[Group]]:
        """Return the number of groups and one page of them."""
        return await self._groups.list(tenant, path, page)

    async def change_group(self, tenant: str, path: str, name: GroupName, changes: Mapping[str, Any]) -> None:
        """Change fields of a group. Raises GroupNotFound, MismatchedService, DuplicateGroup."""
        await self._groups.update(await self._find_group(tenant, path, name), changes)

    async def remove_group(self, tenant: str, path: str, name: GroupName, *, with_devices: bool) -> None:
        """Remove a group. Raises GroupNotFound, MismatchedService."""
        await self._groups.delete(await self._find_group(tenant, path, name), with_devices=with_devices)

    async def create_devices(self, tenant: str, devices: Sequence[Device]) -> None:
        """Create devices, all or none. Raises DuplicateDevice, UnknownTenant, WrongSyntax."""
        names = Counter((each.device_id, each.apikey) for each in devices)
        for (device_id, _), times in names.most_common(1):
            if times > 1:
                raise WrongSyntax(f"devices: device_id {device_id!r} comes twice")
        found = await self._tenants.find_or_create(tenant)
        await self._devices.create(found.tenant_id, devices)

    async def list_devices(self, tenant: str, path: str, page: Page) -> tuple[int, Sequence[Device]]:
        """Return the number of devices and one page of them."""
        return await self._devices.list(tenant, path, page)

    async def find_device(self, tenant: str, path: str, name: DeviceName) -> Device:
        """Return a device. Raises DeviceNotFound."""
        return await self._devices.find(tenant, path, *name)

    async def with_entities(self, devices: Sequence[Device]) -> list[Device]:
        """Return devices of one service path with the name and type of their entities among their fields."""
        groups = await self._groups.find_in(devices[0].tenant, devices[0].path) if devices else ()
        shown = []
        for device in devices:
            name, kind = own_entity(device, inherit(device, group_of(device, groups)))
            fields = {**device.fields, "entity_type": kind}
            shown.append(replace(device, fields={**fields, "entity_name": device.fields.get("entity_name") or name}))
        return shown

    async def change_device(self, tenant: str, path: str, name: DeviceName, changes: Mapping[str, Any]) -> None:
        """Change fields of a device. Raises DeviceNotFound, DuplicateDevice."""
        await self._devices.update(await self.find_device(tenant, path, name), changes)

    async def remove_devices(self, tenant: str, path: str, names: Sequence[DeviceName]) -> None:
        """Remove those devices that there are, together. Raises DeviceNotFound naming the others, when that is done."""
        found: list[Device] = []
        missing: list[str] = []
        for name in names:
            try:
                found.append(await self.find_device(tenant, path, name))
            except DeviceNotFound:
                missing.append(name[0])
        if found:
            await self._devices.delete(found)
        if missing:
            words = f"No device was found with id: {', '.join(missing[:_MOST_NAMED])}"
            raise DeviceNotFound(f"{words}; the others are removed" if found else words)

    async def _find_group(self, tenant: str, path: str, name: GroupName) -> Group:
        group = await self._groups.find(tenant, *name)
        if group is None:
            raise GroupNotFound(f"Couldn't find device group for resource {name[0]!r} and apikey {name[1]!r}")
        if group.path != path:
            raise MismatchedService
        return group
