"""Roles, bound to nodes of the tree of tenants: inherited downwards as far as tenants let them, never upwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.kernel.errors import BadData
from services.kernel.identity import Grant
from services.kernel.identity.grant import SUBTREE

ROLES: Mapping[str, tuple[str, ...]] = {
    "administrator": ("*",),
    "editor": ("read", "write", "subscribe", "register", "provision", "publish"),
    "viewer": ("read", "subscribe"),
    "auditor": ("oversee",),
}
"""What each role may do at its node. Without a node it is held in the whole installation: the operator's staff."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A role that a user, or everybody in an organisation, has at a node of the tree; None: in the installation."""

    binding_id: str
    role: str
    tenant: str | None
    created_by: str
    user_id: str | None = None
    organisation_id: str | None = None
    valid_until: datetime | None = None
    created_at: datetime | None = None

    @property
    def grant(self) -> Grant:
        """What it grants."""
        return Grant("*" if self.tenant is None else self.tenant + SUBTREE, ROLES[self.role])


def read_role(text: str) -> str:
    """Hold a role against those there are. Raises BadData."""
    if text not in ROLES:
        raise BadData(f"role must be one of {', '.join(ROLES)}", field="role")
    return text
