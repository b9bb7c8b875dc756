"""Settings of `ingest`."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from services.ingest.domain.instant import find_zone
from services.kernel.settings import Port, Settings


class IngestSettings(Settings):
    """What `ingest` is told, beside what every service is told."""

    ingest_port: Port = Field(4041, description="Port of the provisioning API, the imports and the dead letters")
    ingest_http_port: Port = Field(7896, description="Port on which devices send measures over HTTP")
    mqtt_url: str = Field(
        "mqtt://127.0.0.1:1883",
        description="The MQTT broker, `mqtt://` or `mqtts://`, with user and password",
        repr=False,
    )
    mqtt_client_id: str = Field(
        "hiroba-ingest",
        min_length=1,
        description="Name of the persistent MQTT session; one process may use it at a time",
    )
    mqtt_ca_file: str = Field(
        "", description="Certificates that vouch for an `mqtts://` broker; the system's unless given"
    )
    mqtt_certificate_file: str = Field(
        "", description="Certificate that ingest shows an `mqtts://` broker that asks for one"
    )
    mqtt_key_file: str = Field("", description="Key of that certificate, if it is in a file of its own")
    mqtt_share: str = Field(
        "",
        pattern="^[A-Za-z0-9_.-]{0,64}$",
        description="Name of a group of ingest processes that share the measures through `$share`, with EMQX's "
        "`hash_clientid`; the host's name is added to each one's session. Without, one is active and others stand by",
    )
    mqtt_version: Literal["3.1.1", "5"] = Field(
        "3.1.1",
        description="Version of MQTT; with 5 `HIROBA_MQTT_RECEIVE_MAXIMUM` holds, and a measure costs more",
    )
    mqtt_receive_maximum: int = Field(
        2000, ge=1, le=65535, description="Most messages that an MQTT 5 broker sends without an acknowledgement"
    )
    ingest_batch_size: int = Field(500, ge=1, le=1000, description="Most messages written to the broker at once")
    ingest_batch_wait_ms: int = Field(50, ge=0, le=10_000, description="Longest wait for a batch to fill")
    ingest_lanes: int = Field(
        4, ge=1, le=32, description="Batches that are written to the broker at a time; an entity has one lane"
    )
    ingest_broker_timeout_s: float = Field(30, gt=0, description="Longest wait for the broker's answer to one batch")
    ingest_http_wait_s: float = Field(
        10, gt=0, description="Longest time an HTTP measure waits for its commit before the device is told to try again"
    )
    ingest_payload_limit_bytes: int = Field(65536, ge=16, description="Largest message of a device")
    ingest_depth_limit: int = Field(16, ge=1, le=200, description="Deepest nesting of a measure's JSON")
    ingest_timezone: str = Field(
        "Asia/Tokyo", description="Time zone of a measure's time that names none, where its device has no `timezone`"
    )
    ingest_ngsi_version: Literal["ld", "v2"] = Field(
        "ld",
        description="`ngsiVersion` of groups that are created without one: `v2` where devices, and applications that "
        "read their entities, come from IoT agents with their default",
    )
    ingest_command_expiry_s: float = Field(
        86_400, gt=0, description="Longest time that a command waits to be fetched, or for its result"
    )
    ingest_lazy_timeout_s: float = Field(
        3,
        gt=0,
        le=60,
        description="Longest wait for a device that is asked for lazy attributes; less than the broker's "
        "`HIROBA_FORWARD_TIMEOUT_S`",
    )
    ingest_liveness_s: float = Field(
        10, gt=0, le=3600, description="Seconds between two looks at which devices have been heard"
    )
    egress: str = Field(
        "public",
        pattern="^(public|loopback|any)$",
        description="Where notifications, @contexts and forwarded requests may go: `public` addresses, those and "
        "`loopback` (the local profile), or `any`",
    )
    ingest_key: str = Field(
        "",
        repr=False,
        description="Secret that seals the secrets of connectors, at least 32 characters; the same for every replica. "
        "Empty: generated into `ingest-key` of the data directory",
    )
    ingest_import_limit_bytes: int = Field(
        100 * 1024 * 1024, ge=1024, description="Largest document that is imported, sent or fetched"
    )
    ingest_import_run_days: int = Field(90, ge=1, description="Days after which the report of an import is deleted")
    ingest_fetch_timeout_s: float = Field(60, gt=0, description="Longest time in which a document is fetched")
    ingest_dead_letter_days: int = Field(30, ge=1, description="Days after which a dead letter is deleted")
    ingest_dead_letter_most: int = Field(100_000, ge=1, description="Most dead letters that are kept, the newest")

    @field_validator("mqtt_url")
    @classmethod
    def _refuse_other_schemes(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError("must be mqtt://host[:port] or mqtts://host[:port]")
        return url

    @field_validator("ingest_key")
    @classmethod
    def _refuse_short_key(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("ingest_timezone")
    @classmethod
    def _refuse_unknown_zone(cls, name: str) -> str:
        find_zone(name)
        return name
