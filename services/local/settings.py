"""What `hiroba up` is told: the ports of everything it starts, and what to use instead of starting it."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from services.kernel.settings import Port, Settings


class LocalSettings(Settings):
    """The local profile. A command-line option of the same name goes before the environment."""

    tenant_creation: Literal["on-write", "explicit"] = Field(
        "on-write", description="Whether a first write creates the tenant; `hiroba up` sets `on-write`"
    )
    broker_port: Port = Field(1026, description="Port of `broker`")
    ingest_port: Port = Field(4041, description="Port of `ingest` (provisioning)")
    ingest_http_port: Port = Field(7896, description="Port of `ingest` for measures over HTTP")
    catalog_port: Port = Field(8081, description="Port of `catalog`")
    auth_port: Port = Field(8082, description="Port of `auth`")
    mqtt_port: Port = Field(1883, description="Port of the MQTT broker that `hiroba up` starts")
    mqtt_url: str = Field("", description="MQTT broker to use; empty: `hiroba up` starts one")
    demo_receiver_port: Port = Field(8090, description="Port of the demo's receiver of notifications")

    @model_validator(mode="after")
    def _find_services_on_their_ports(self) -> Self:
        """Call a service where `hiroba up` lets it answer, unless its address is told."""
        for service in ("auth", "broker", "ingest", "catalog"):
            if f"{service}_url" not in self.model_fields_set:
                self.__dict__[f"{service}_url"] = self.service_url(service)
        return self

    @property
    def inside_host(self) -> str:
        """The address under which this machine's processes reach the services."""
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  # a key, nothing is bound

    @property
    def directory(self) -> Path:
        """The data directory, absolute."""
        return self.data_dir.absolute()

    @property
    def own_mqtt_url(self) -> str:
        """The address of the MQTT broker, given or started here."""
        return self.mqtt_url or f"mqtt://127.0.0.1:{self.mqtt_port}"

    def service_port(self, service: str) -> int:
        """Return the port of one of the four services."""
        port: int = getattr(self, f"{service}_port")
        return port

    def service_url(self, service: str) -> str:
        """Return the address of one of the four services, from this machine."""
        return f"http://{self.inside_host}:{self.service_port(service)}"
