"""`/iot/devices` and `/iot/op/delete`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from services.ingest.domain.device import LISTS, Device
from services.ingest.domain.errors import FixedId
from services.ingest.http.device_bodies import (
    DeviceChanges,
    DeviceList,
    DeviceName,
    DevicesBody,
    DevicesToRemove,
    ShownDevice,
)
from services.ingest.http.dialect import answers, responses
from services.ingest.http.groups import Registrar
from services.ingest.http.headers import ProvisionedPlace
from services.ingest.http.ignored import ignored_fields
from services.ingest.http.parameters import AskedPage

router = APIRouter(tags=["Devices"])
DeviceId = Annotated[str, Path(description="Id of the device", examples=["gauge-1"])]
Apikey = Annotated[str | None, Query(description="API key of the device, where several share the id")]
_KEYS = ("device_id", "apikey")
_EXAMPLE = {
    "device_id": "gauge-1",
    "static_attributes": [
        {"name": "name", "type": "Text", "value": "九十九橋"},
        {"name": "dangerLevel", "type": "Number", "value": 6.1, "unitCode": "MTR"},
    ],
}


@router.post("/iot/devices", status_code=201, summary="Create devices", responses=responses(400, 401, 403, 409))
async def create_devices(
    place: ProvisionedPlace,
    registrar: Registrar,
    response: Response,
    body: Annotated[DevicesBody, Body(examples=[{"devices": [_EXAMPLE]}])],
) -> dict[str, Any]:
    """Create devices, all or none. A field that a device lacks is that of its group."""
    path = place.exact_path
    devices = []
    for each in body.devices:
        fields = {name: value for name, value in each.stored().items() if name not in _KEYS}
        devices.append(Device(place.tenant, path, each.device_id, each.apikey or "", fields))
    await registrar.create_devices(place.tenant, devices)
    response.headers.update(ignored_fields(body.devices, "devices"))
    return {}


@router.get("/iot/devices", summary="List devices", responses=answers(DeviceList, 400, 401, 403))
async def list_devices(place: ProvisionedPlace, page: AskedPage, registrar: Registrar) -> dict[str, Any]:
    """List the devices of a service path, oldest first: `{count, devices}`."""
    count, devices = await registrar.list_devices(place.tenant, place.exact_path, page)
    return {"count": count, "devices": [_shown(device) for device in await registrar.with_entities(devices)]}


@router.get(
    "/iot/devices/{device_id:path}", summary="Read a device", responses=answers(ShownDevice, 400, 401, 403, 404)
)
async def read_device(
    place: ProvisionedPlace, device_id: DeviceId, registrar: Registrar, apikey: Apikey = None
) -> dict[str, Any]:
    """Read one device, as it was provisioned, with the name and type of its entity."""
    device = await registrar.find_device(place.tenant, place.exact_path, (device_id, apikey))
    return _shown(*await registrar.with_entities([device]))


@router.put(
    "/iot/devices/{device_id:path}",
    status_code=204,
    response_class=Response,
    summary="Change a device",
    responses=responses(400, 401, 403, 404, 409),
)
async def change_device(
    place: ProvisionedPlace, device_id: DeviceId, body: DeviceChanges, registrar: Registrar, apikey: Apikey = None
) -> Response:
    """Change the fields that the body has, and keep the others. Measures follow the change at once."""
    changes = body.stored()
    if changes.pop("device_id", device_id) != device_id:
        raise FixedId(field="device_id")
    await registrar.change_device(place.tenant, place.exact_path, (device_id, apikey), changes)
    return Response(status_code=204, headers=ignored_fields([body]))


@router.delete(
    "/iot/devices/{device_id:path}",
    status_code=204,
    response_class=Response,
    summary="Remove a device",
    responses=responses(400, 401, 403, 404),
)
async def remove_device(
    place: ProvisionedPlace, device_id: DeviceId, registrar: Registrar, apikey: Apikey = None
) -> Response:
    """Remove one device. Its entity stays."""
    await registrar.remove_devices(place.tenant, place.exact_path, [(device_id, apikey)])
    return Response(status_code=204)


@router.post(
    "/iot/op/delete",
    status_code=204,
    response_class=Response,
    summary="Remove several devices",
    responses=responses(400, 401, 403, 404),
)
async def remove_devices(
    place: ProvisionedPlace, registrar: Registrar, body: DevicesToRemove | list[DeviceName]
) -> Response:
    """Remove devices: `{"devices": [{"deviceId", "apikey"}]}`, or the array alone.

    Where some do not exist, the others are removed all the same, and the answer is 404.
    """
    names = body if isinstance(body, list) else body.devices
    wanted = [(each.device_id, each.apikey) for each in names]
    await registrar.remove_devices(place.tenant, place.exact_path, wanted)
    return Response(status_code=204)


def _shown(device: Device) -> dict[str, Any]:
    keys = {"device_id": device.device_id, "service": device.tenant, "service_path": device.path}
    last = {} if device.last_measure is None else {"lastMeasure": device.last_measure}
    return {
        **keys,
        **({"apikey": device.apikey} if device.apikey else {}),
        **dict.fromkeys(LISTS, ()),
        **device.fields,
        **last,
    }
