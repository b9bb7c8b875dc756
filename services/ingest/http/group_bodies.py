"""Bodies of the provisioning API: groups, as the IoT agent's data model has them."""

from typing import Any

from pydantic import BaseModel, Field

from services.ingest.http.attribute_bodies import Json, Key, ListBody, Name, Text
from services.ingest.http.common_bodies import CommonBody


class GroupChanges(CommonBody):
    """Fields of a group that change; the others stay as they are. Other `apikey` and `resource` name it anew."""

    apikey: Key | None = Field(None, description="API key of the devices")
    resource: Text | None = Field(None, description="Resource of the devices")
    type: Name | None = Field(None, description="Stored as `entity_type`, unless that is given too")
    subservice: Any = Field(None, description="Not stored: the header says it")
    trust: Text | None = Field(None, description="Stored")
    token: Text | None = Field(None, description="Stored")
    cb_host: Text | None = Field(None, alias="cbHost", description="Stored; measures go to this hub's broker")
    cbroker: Text | None = Field(None, description="Stored; the older name of `cbHost`")
    description: Text | None = Field(None, description="Stored")

    def stored(self) -> Json:
        """Return the fields that were sent, as they were sent, `type` under its documented name."""
        fields = super().stored()
        kind = fields.pop("type", None)
        return fields if kind is None or fields.get("entity_type") else {**fields, "entity_type": kind}


class GroupBody(GroupChanges):
    """A configuration group: what the devices of one API key share."""

    apikey: Key = Field(
        description="API key of the devices, of one tenant only; it may be empty", examples=["fukui-river"]
    )
    resource: Text = Field(description="Resource of the devices: `/iot/json`, or empty", examples=["/iot/json"])


class ServicesBody(ListBody):
    """Groups to create, under their older name."""

    services: list[GroupBody] = Field(min_length=1, max_length=1000)


class GroupsBody(ListBody):
    """Groups to create."""

    groups: list[GroupBody] = Field(min_length=1, max_length=1000)


class ShownGroup(GroupBody):
    """A group as it is stored, and where."""

    service: str = Field(description="Its tenant", examples=["fukui"])
    subservice: str = Field(description="Its service path", examples=["/"])


class ServiceList(BaseModel):
    """A page of groups, under their older name."""

    count: int = Field(description="How many there are")
    services: list[ShownGroup]


class GroupList(BaseModel):
    """A page of groups."""

    count: int = Field(description="How many there are")
    groups: list[ShownGroup]
