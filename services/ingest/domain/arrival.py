"""One message of a device as it came in, and what became of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.ingest.domain.refusal import Refusal
from services.kernel.identity import Principal

Source = Literal["mqtt", "http", "replay"]
Form = Literal["json", "text", "bytes", "xml"]
Protocol = Literal["json", "ul", "any", "things-stack", "chirpstack", "sparkplug", "thingsboard"]
Kind = Literal["attrs", "cmdexe", "configuration", "lazy"]
Key = tuple[str, str]
"""API key and device id: how a device names itself."""


@dataclass(frozen=True, slots=True)
class Address:
    """Who sends, and which attribute if the message is the value of only one.

    `protocol` is the payload's (any: as it looks), `kind` says whether it holds measures, the results of
    commands, a question for configuration, or the values of lazy attributes.
    """

    apikey: str
    device_id: str
    attribute: str | None = None
    protocol: Protocol = "json"
    kind: Kind = "attrs"

    @property
    def key(self) -> Key:
        """How the device names itself."""
        return self.apikey, self.device_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many measures of a message are committed, and why the others are not."""

    accepted: int
    refusals: Sequence[Refusal] = ()


@dataclass(slots=True, eq=False)
class Arrival:
    """A message. `settle` is called once, in the order of arrival, when all its measures are committed or parked.

    `more` are measure keys that came beside the payload, as HTTP's `t`. An abandoned arrival, whose sender
    no longer waits, is not written if it has not been yet. `principal` is who presented a credential beside the API
    key; what it is not granted to write is refused.
    """

    source: Source
    topic: str
    address: Address | None
    payload: bytes
    received_at: datetime
    settle: Callable[[Outcome], None]
    more: Mapping[str, object] = field(default_factory=dict)
    form: Form = "json"
    is_abandoned: bool = False
    principal: Principal | None = None
