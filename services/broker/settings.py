"""The context broker's settings."""

from pydantic import Field, field_validator

from services.kernel.settings import Port, Settings


class BrokerSettings(Settings):
    """What the context broker is told."""

    broker_port: Port = Field(1026, description="Port of the context broker")
    writer_lanes: int = Field(2, ge=1, le=32, description="Transactions that one broker process writes at a time")
    writer_batch: int = Field(500, ge=1, le=2000, description="Most operations in one transaction of the writer")
    context_timeout_s: float = Field(10.0, gt=0, description="Longest download of a JSON-LD @context")
    context_limit_bytes: int = Field(1024 * 1024, ge=1024, description="Largest JSON-LD @context")
    context_preload: str = Field("", description="JSON file of @contexts by URL, for installations without internet")
    egress: str = Field(
        "public",
        pattern="^(public|loopback|any)$",
        description="Where notifications, @contexts and forwarded requests may go: `public` addresses, those and "
        "`loopback` (the local profile), or `any`",
    )
    broker_key: str = Field(
        "",
        repr=False,
        description="Secret that seals where subscriptions notify to, at least 32 characters; the same for every "
        "replica. Empty: generated into `broker-key` of the data directory",
    )
    history_days_ahead: int = Field(3, ge=1, le=30, description="Days for which history partitions are made ahead")
    forward_limit: int = Field(
        1000, ge=0, description="Most requests to NGSIv2 providers for one request of a client; 0: none is forwarded"
    )
    forward_concurrency: int = Field(
        8, ge=1, le=100, description="Requests to NGSIv2 providers at a time for one request of a client"
    )
    forward_timeout_s: float = Field(5.0, gt=0, le=1800, description="Longest wait for an NGSIv2 provider")
    notify_timeout_s: float = Field(5.0, gt=0, le=300, description="Longest wait for a receiver of notifications")
    notify_limit_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="Largest notification")
    notify_refusals: int = Field(
        8, ge=1, le=100, description="Tries of a notification that its receiver refuses (4xx) before it is parked"
    )
    notify_give_up_s: float = Field(
        3600.0, ge=0, description="Age at which a notification whose receiver is away is parked"
    )

    notify_window: int = Field(
        32,
        ge=1,
        le=1000,
        description="Most notifications of one subscription, of different entities, on their way at a time; with 1 "
        "each waits for the answer to the one before",
    )
    notify_lag_s: float = Field(
        1.0,
        gt=0,
        le=3600,
        description="Lag of notifications, as far as receivers are not its reason, from which on the tenant's writes "
        "are slowed down: each waits up to a second, in proportion",
    )
    dead_letter_days: int = Field(
        30, ge=1, le=3650, description="Days for which notifications that were given up are kept to be sent again"
    )
    stream_retention_s: float = Field(
        900.0, ge=10, le=86_400, description="How long a reader of a stream may be away and still miss nothing"
    )
    stream_heartbeat_s: float = Field(15.0, ge=0.1, le=300, description="Longest silence of a stream of changes")
    streams_per_tenant: int = Field(
        100, ge=0, le=10_000, description="Most streams of changes of one tenant that one broker process serves"
    )

    @field_validator("broker_key")
    @classmethod
    def _refuse_short_key(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must have at least 32 characters")
        return value
