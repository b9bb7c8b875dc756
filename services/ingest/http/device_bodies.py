"""Bodies of the provisioning API: devices, as the IoT agent's data model has them."""

from typing import Any

from pydantic import AliasChoices, BaseModel, Field

from services.ingest.http.attribute_bodies import Body, Key, ListBody, Name, OpenBody, Token
from services.ingest.http.common_bodies import CommonBody


class DeviceChanges(CommonBody):
    """Fields of a device that change; the others stay as they are."""

    device_id: Token | None = Field(None, description="The id in the path: it cannot be changed")
    apikey: Key | None = Field(None, description="An API key of its own, instead of its group's")
    entity_name: Name | None = Field(None, description="Id of the entity; `urn:ngsi-ld:<type>:<device>` unless given")
    polling: bool | None = Field(None, description="`true`: the device fetches its commands")
    last_measure: Any = Field(
        None, alias="lastMeasure", description="What it sent last, and when; `{}` in a change clears it"
    )


class DeviceBody(DeviceChanges):
    """A device."""

    device_id: Token = Field(description="How the device names itself", examples=["gauge-1"])


class DevicesBody(ListBody):
    """Devices to create."""

    devices: list[DeviceBody] = Field(min_length=1, max_length=10_000)


class DeviceName(OpenBody):
    """Which device to remove."""

    device_id: Token = Field(validation_alias=AliasChoices("deviceId", "device_id"), description="Its id")
    apikey: Key | None = Field(None, description="Its API key")


class DevicesToRemove(Body):
    """Which devices to remove."""

    devices: list[DeviceName] = Field(min_length=1, max_length=10_000)


class ShownDevice(DeviceBody):
    """A device as it is stored, and where."""

    service: str = Field(description="Its tenant", examples=["fukui"])
    service_path: str = Field(description="Its service path", examples=["/"])


class DeviceList(BaseModel):
    """A page of devices, oldest first."""

    count: int = Field(description="How many there are")
    devices: list[ShownDevice]
