"""A service that an organisation provides under a tenant (サービスマネジメント): its life, data area and storage."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.auth.domain.scopes import read_path
from services.auth.domain.title import read_title
from services.kernel.errors import BadData, Conflict
from services.kernel.identity import Grant
from services.kernel.identity.assurance import NOT_ASSURED, Assurance
from services.kernel.identity.grant import SUBTREE, covers

Status = Literal["applied", "approved", "active", "suspended", "ended"]
Storage = Literal["external", "internal", "separated"]
MOST_PURPOSES = 20

CHECKLIST: Mapping[str, str] = {
    "identity": "事業者の身元を確認した (the provider's identity is verified)",
    "terms": "利用規約と責任分界点に同意している (terms and the boundary of responsibilities are accepted)",
    "purposes": "利用目的が特定されている (the purposes are specified)",
    "personal_data": "個人情報の取扱いが法令に適合する (personal data are handled as the law asks)",
    "security": "安全管理措置を確認した (security measures are verified)",
    "data_models": "データモデルが登録されている (data models are registered)",
    "contact": "連絡先と障害時の体制がある (contacts and an arrangement for incidents exist)",
}
"""What must be confirmed before a service is approved."""

NEXT: Mapping[Status, tuple[Status, ...]] = {
    "applied": ("approved", "ended"),
    "approved": ("active", "ended"),
    "active": ("suspended", "ended"),
    "suspended": ("active", "ended"),
    "ended": (),
}
"""Which status may follow which."""

_OWN_ACTIONS: Mapping[Storage, tuple[str, ...]] = {
    "external": ("read", "subscribe", "register"),
    "internal": ("read", "write", "subscribe", "provision", "publish", "hold"),
    "separated": ("read", "write", "subscribe", "provision", "publish", "hold"),
}
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,39}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")


@dataclass(frozen=True, slots=True)
class ProvidedService:
    """A service: `provider` is the organisation, `area` the service path below which its data lie.

    `assurance` are the levels that the service has for itself, `asked` those that it asks of its users. It may be used
    while `active` and from `starts_at` to `ends_at`.
    """

    service_id: str
    tenant: str
    provider: str
    title: str
    area: str
    storage: Storage
    applied_by: str
    purposes: tuple[str, ...] = ()
    description: str | None = None
    status: Status = "applied"
    reason: str | None = None
    checklist: Mapping[str, bool] = field(default_factory=dict)
    assurance: Assurance = NOT_ASSURED
    asked: Assurance = NOT_ASSURED
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    next_audit_at: datetime | None = None
    approved_by: str | None = None
    created_at: datetime | None = None
    approved_at: datetime | None = None
    modified_at: datetime | None = None

    @property
    def grant(self) -> Grant:
        """What its own clients may do in its data area."""
        return Grant(self.tenant, _OWN_ACTIONS[self.storage], self.area + SUBTREE)

    def refusal(self, now: datetime) -> str | None:
        """Tell why it cannot be used now, None if it can."""
        if self.status != "active":
            return f"Service {self.service_id} is {self.status}"
        if self.starts_at is not None and now < self.starts_at:
            return f"Service {self.service_id} has not started"
        if self.ends_at is not None and now >= self.ends_at:
            return f"Service {self.service_id} has ended"
        return None

    def is_audit_overdue(self, now: datetime) -> bool:
        """Tell whether it should have been audited by now."""
        return self.next_audit_at is not None and self.status != "ended" and now > self.next_audit_at

    def overlaps(self, area: str) -> bool:
        """Tell whether another data area lies in its own, or the other way round."""
        return covers(self.area + SUBTREE, area) or covers(area + SUBTREE, self.area)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a service: the status to take, why, and what of the checklist is confirmed."""

    status: Status
    reason: str | None = None
    checklist: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit of a service after its start."""

    audit_id: str
    service_id: str
    audited_at: datetime
    passed: bool
    audited_by: str
    note: str | None = None


def stepped(service: ProvidedService, step: Step, by: str, now: datetime) -> ProvidedService:
    """Return a service after a step of its life. Raises Conflict, BadData."""
    if step.status not in NEXT[service.status]:
        allowed = " or ".join(NEXT[service.status]) or "nothing"
        raise Conflict(f"Service {service.service_id} is {service.status}: {allowed} may follow", field="status")
    if step.status in ("suspended", "ended") and not step.reason:
        raise BadData(f"A service is not {step.status} without a reason", field="reason")
    reason = None if step.reason is None else read_title(step.reason, "reason")
    if step.status != "approved":
        return replace(service, status=step.status, reason=reason)
    for item in CHECKLIST:
        if step.checklist.get(item) is not True:
            raise BadData(f"A service is approved when {item} is confirmed", field=f"checklist.{item}")
    checklist = dict.fromkeys(CHECKLIST, True)
    return replace(service, status="approved", reason=reason, checklist=checklist, approved_by=by, approved_at=now)


def read_service_id(text: str | None) -> str:
    """Hold a chosen identifier against its grammar, or make one up. Raises BadData."""
    if text is None:
        return "s-" + secrets.token_hex(6)
    if not _ID.fullmatch(text):
        raise BadData("service_id must be 3 to 40 of a-z, 0-9 and '-'", field="service_id")
    return text


def read_area(text: str) -> str:
    """Hold a data area against the grammar of service paths; never the whole tenant. Raises BadData."""
    if text.endswith(SUBTREE) or text == "/":
        raise BadData("area must be a service path such as /bus, below which the service's data lie", field="area")
    return read_path(text, "area")


def read_purposes(words: Sequence[str]) -> tuple[str, ...]:
    """Hold the purposes of a service against their grammar. Raises BadData."""
    if len(words) > MOST_PURPOSES or not all(map(_PURPOSE.fullmatch, words)):
        raise BadData("purposes must be words of a-z, 0-9, '.', '_' and '-', at most 20", field="purposes")
    return tuple(dict.fromkeys(words))


def refuse_reversed(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Refuse a period that ends before it starts. Raises BadData."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise BadData("ends_at must lie after starts_at", field="ends_at")
