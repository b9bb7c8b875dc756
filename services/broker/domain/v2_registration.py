"""An NGSIv2 registration: which entities and attributes a provider answers for, and where it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class V2Registration:
    """A registration in the provider's own words (short names), with what became of its forwardings.

    `document` has `dataProvided`, `provider` and perhaps `description` and `expires`, as they were sent.
    """

    id: str
    path: str
    document: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime | None = None
    times_sent: int = 0
    last_forwarding: datetime | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None

    @property
    def url(self) -> str:
        """Where the provider is asked."""
        return str(self.document["provider"]["http"]["url"])

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes provided; none stands for all."""
        return tuple(self.document["dataProvided"].get("attrs", ()))

    @property
    def is_legacy(self) -> bool:
        """Tell whether the provider speaks NGSIv1."""
        return bool(self.document["provider"].get("legacyForwarding", False))

    def supports(self, mode: str) -> bool:
        """Tell whether `query` or `update` requests may be forwarded; none while it is inactive."""
        if self.document.get("status") == "inactive":
            return False
        return self.document["provider"].get("supportedForwardingMode", "all") in ("all", mode)

    def provides(self, entity_id: str | None, type_name: str | None) -> bool:
        """Tell whether it is about an entity; None stands for any id or type."""
        return any(
            ("idPattern" in each or entity_id is None or each["id"] == entity_id)
            and (type_name is None or "type" not in each or each["type"] == type_name)
            for each in self.document["dataProvided"]["entities"]
        )

    def covers_path(self, paths: tuple[str, ...]) -> bool:
        """Tell whether it is about one of the service paths of a request (`/a/#`: `/a` and below)."""
        if self.path == "/#":
            return True
        return any(
            path == self.path or (path.endswith("/#") and f"{self.path}/".startswith(path[:-1])) for path in paths
        )
