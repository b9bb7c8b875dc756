"""What is sent, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import MqttDelivery, Subscription


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """One HTTP request. Headers may hold the subscriber's secrets and are never logged."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    method: str = "POST"
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """One MQTT publication."""

    url: str = field(repr=False)
    delivery: MqttDelivery = field(repr=False)
    body: bytes = field(repr=False)
    timeout_s: float = 5.0


Message: TypeAlias = HttpMessage | MqttMessage


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of sending: `code` is the receiver's HTTP status; `reason` says in words why it failed.

    `response_bytes` is the size of the receiver's answer. A `hopeless` failure is not tried again: the address is
    refused or the notification cannot be made.
    """

    is_success: bool
    code: int | None = None
    reason: str = ""
    hopeless: bool = False
    response_bytes: int = field(default=0, compare=False)

    @property
    def is_refusal(self) -> bool:
        """Tell whether the receiver is there and does not want this notification (4xx, but for its load or haste)."""
        return self.code is not None and 400 <= self.code < 500 and self.code not in (408, 425, 429)


class Renderer(Protocol):
    """Makes messages in the dialect of one face."""

    async def render(self, notice: Notice, subscription: Subscription, tenant_name: str) -> Message:
        """Return the message of a notice. Raises HubError where it cannot be made."""
        ...


class Channel(Protocol):
    """Sends messages of one kind."""

    async def send(self, message: Message) -> Delivery:
        """Send a message; every failure is a Delivery."""
        ...
