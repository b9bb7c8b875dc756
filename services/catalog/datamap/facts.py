"""What the hub's services tell that a data map is drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """A service that auth has registered, with the types of entities that lie in its data area."""

    service_id: str
    title: str
    provider: str
    area: str
    status: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementFact:
    """Who may use a service's data: another service or a client; which types (`*`: all), doing what."""

    service_id: str
    user: str
    types: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """A subscription: which types (none: all), who is notified, through which API, at most how often."""

    types: tuple[str, ...]
    receiver: str
    method: str
    throttling_s: float = 0


@dataclass(frozen=True, slots=True)
class SourceFact:
    """Where entities of some types come from: a registered source, devices, a connector, files.

    `path` is the service path that it writes to. `is_outside`: its data are taken in from elsewhere, not collected.
    """

    types: tuple[str, ...]
    system: str
    path: str = ""
    frequency: str = ""
    method: str = ""
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was told; `gaps` says what could not be asked."""

    services: Sequence[ServiceFact] = ()
    agreements: Sequence[AgreementFact] = ()
    subscriptions: Sequence[SubscriptionFact] = ()
    sources: Sequence[SourceFact] = ()
    gaps: Sequence[str] = ()
