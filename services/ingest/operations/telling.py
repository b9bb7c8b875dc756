"""Telling devices their configuration: over MQTT, or at their endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import orjson

from services.ingest.codecs.ultralight import write_command
from services.ingest.domain.arrival import Key
from services.ingest.domain.command import CommandFault
from services.ingest.domain.errors import DeviceFails, EndpointNotFound
from services.ingest.operations.calling import Call, below, call_device
from services.ingest.operations.courier import Publisher
from services.ingest.operations.profile import Profile
from services.kernel.clock import Clock
from services.kernel.egress import EgressRefused

_KIND = "configuration"
Way = Literal["MQTT", "HTTP"]


@dataclass(frozen=True, slots=True)
class Listener:
    """A device that is told, by the key under which it asked, in UltraLight or JSON."""

    profile: Profile
    key: Key
    is_ultralight: bool


class Telling:
    """Tells; `egress` says which networks may be called."""

    def __init__(self, publisher: Publisher, clock: Clock, egress: str) -> None:
        self._publisher = publisher
        self._clock = clock
        self._egress = egress

    async def tell(self, listener: Listener, values: Mapping[str, Any], way: Way | None = None) -> None:
        """Bring values to a device, by its transport unless `way` says how; `dt` is the time of that.

        `{"interval": 60, "dt": "20260820T004000Z"}`, in UltraLight `<device>@configuration|interval=60|dt=…`.
        Raises EndpointNotFound, DeviceFails.
        """
        told = {**values, "dt": f"{self._clock():%Y%m%dT%H%M%SZ}"}
        apikey, device_id = listener.key
        written = write_command(device_id, _KIND, told).encode() if listener.is_ultralight else orjson.dumps(told)
        try:
            if (way or listener.profile.transport) == "MQTT":
                topic = f"/{apikey}/{device_id}/{_KIND}/values"
                await self._publisher.publish(topic, written, 1, retain=False)
            else:
                await self._call(listener, written)
        except (CommandFault, EgressRefused, OSError, TimeoutError, aiohttp.ClientError) as error:
            raise DeviceFails(f"Device {device_id} cannot be told: {str(error) or repr(error):.200}") from error

    async def _call(self, listener: Listener, written: bytes) -> None:
        profile = listener.profile
        endpoint = profile.endpoint(profile.scope(self._clock(), {}))
        if not endpoint:
            words = f"The provisioned device [{profile.device.device_id}] did not have an HTTP endpoint to call"
            raise EndpointNotFound(words)
        kind = "text/plain" if listener.is_ultralight else "application/json"
        headers = {"Content-Type": kind, **profile.place_headers}
        await call_device(Call(below(endpoint, _KIND), headers, written), self._egress)
