"""A tenant: a municipality, prefecture, association or other body that shares the installation, in a tree."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from services.auth.domain.limits import QUOTAS, RETENTION, read_limits
from services.auth.domain.local_government import Gazetteer, LocalGovernment, kind_of_code, read_code
from services.auth.domain.open_data import OpenData, read_open_data
from services.auth.domain.title import read_title
from services.kernel.errors import BadData
from services.kernel.tenancy import fold_name

Kind = Literal["prefecture", "municipality", "association", "other"]
Status = Literal["active", "suspended", "deleting"]
DeviceKeys = Literal["optional", "required"]
OPERATOR_FIELDS = frozenset({"kind", "code", "parent", "population", "status", "billing_party", "quotas"})
"""What only the operator of the installation changes: it decides over places in the tree, use and shares of cost."""

INHERITABLE = ("read", "write", "subscribe", "register", "provision", "publish")
"""What a grant over a subtree may do in a tenant below only as far as that tenant lets it; `admin` reaches down."""

_CLEARED: Mapping[str, Any] = {
    "kind": "other",
    "status": "active",
    "quotas": {},
    "retention": {},
    "inherits": (),
    "open_data": (),
    "device_keys": "optional",
}
LONGEST_URL = 2000
LARGEST_POPULATION = 200_000_000


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with all that auth knows of it; `position` is that of its last change in the change feed.

    `billing_party` is the tenant that pays for it, itself unless given. `quotas` and `retention` are figures by the
    names of QUOTAS and RETENTION. `inherits` are the actions that grants over a subtree above may do in it. `access` is
    what it asks of callers beyond grants, as services are told it (`services.kernel.identity.rules`). `device_keys`
    says whether devices that send over HTTP must show one.
    """

    name: str
    kind: Kind = "other"
    status: Status = "active"
    title: str | None = None
    title_en: str | None = None
    code: str | None = None
    parent: str | None = None
    population: int | None = None
    default_context: str | None = None
    billing_party: str | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    retention: Mapping[str, int] = field(default_factory=dict)
    inherits: tuple[str, ...] = ()
    open_data: tuple[OpenData, ...] = ()
    access: Mapping[str, Any] = field(default_factory=dict)
    device_keys: DeviceKeys = "optional"
    created_at: datetime | None = None
    modified_at: datetime | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A tenant that is gone: what it was called, and how many rows each service had of it."""

    name: str
    position: int
    deleted_at: datetime
    code: str | None = None
    title: str | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    status: Literal["deleted"] = "deleted"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A service's word that it holds nothing of a tenant any more, and how many rows it had."""

    service: str
    rows: int
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class TenantFilter:
    """Which tenants are listed; None: whichever."""

    parent: str | None = None
    code: str | None = None
    kind: Kind | None = None


def read_name(text: str, field: str = "name") -> str:
    """Fold a tenant's name to lower case and hold it against the rule of names. Raises InvalidRequest."""
    name = fold_name(text, field)
    if not name:
        raise BadData(f"{field} must not be empty: the default tenant needs no registration", field=field)
    return name


def revise(tenant: Tenant, changes: Mapping[str, Any], gazetteer: Gazetteer) -> Tenant:
    """Return a tenant with changed fields; the rest stays, what the code tells is filled in. Raises BadData.

    `changes` holds the fields that are given, None for those that are taken away.
    """
    revised = replace(tenant, **{field: _read(field, value) for field, value in changes.items()})
    if revised.code is not None and changes.keys() & {"code", "kind"}:
        revised = _with_what_the_code_tells(revised, changes.get("kind"), gazetteer.find(revised.code))
    _refuse_contradictions(revised)
    return revised


def _read(field: str, value: Any) -> Any:
    if value is None:
        return _CLEARED.get(field)
    reader = _READERS.get(field)
    return value if reader is None else reader(value)


def _read_inherits(actions: Sequence[str]) -> tuple[str, ...]:
    for action in actions:
        if action not in INHERITABLE:
            raise BadData(f"inherits must name some of {', '.join(INHERITABLE)}", field="inherits")
    return tuple(action for action in INHERITABLE if action in actions)


def _read_url(text: str, field: str) -> str:
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_url = False
    if not is_url or len(text) > LONGEST_URL or not text.isascii() or re.search(r"[\s<>\"\x00-\x1f]", text):
        raise BadData(f"{field} must be an http or https URL of at most {LONGEST_URL} ASCII characters", field=field)
    return text


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "code": read_code,
    "parent": lambda value: read_name(value, "parent"),
    "billing_party": lambda value: read_name(value, "billing_party"),
    "title": lambda value: read_title(value, "title"),
    "title_en": lambda value: read_title(value, "title_en"),
    "default_context": lambda value: _read_url(value, "default_context"),
    "quotas": lambda value: read_limits(value, QUOTAS, "quotas"),
    "retention": lambda value: read_limits(value, RETENTION, "retention"),
    "inherits": _read_inherits,
    "open_data": read_open_data,
}


def _with_what_the_code_tells(tenant: Tenant, kind: Kind | None, known: LocalGovernment | None) -> Tenant:
    told = replace(tenant, kind=kind or kind_of_code(tenant.code or ""))
    if known is None:
        return told
    return replace(told, title=told.title or known.title, title_en=told.title_en or known.title_en)


def _refuse_contradictions(tenant: Tenant) -> None:
    if tenant.parent == tenant.name:
        raise BadData(f"Tenant {tenant.name} cannot be its own parent", field="parent")
    if tenant.billing_party == tenant.name:
        raise BadData(f"Tenant {tenant.name} pays for itself unless another is named", field="billing_party")
    if tenant.code is None:
        return
    is_prefecture = kind_of_code(tenant.code) == "prefecture"
    if is_prefecture != (tenant.kind == "prefecture"):
        belongs = "a prefecture" if is_prefecture else "no prefecture"
        raise BadData(f"code {tenant.code} is that of {belongs}, but kind is {tenant.kind}", field="kind")
