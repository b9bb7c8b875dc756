"""An agreement: who may use a service's data (a service of another provider, or a client), for what, how long."""

from dataclasses import dataclass
from datetime import datetime

from services.auth.domain.scopes import is_type_name
from services.kernel.errors import BadData
from services.kernel.identity import Grant
from services.kernel.identity.grant import SUBTREE

AGREED_ACTIONS = ("read", "subscribe", "write")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who uses a service: `user_service` or `user_client`, from when to when.

    `attests`: the user attests that it has the consent that makes person-related data (個人関連情報) lawful with it.
    """

    agreement_id: str
    service_id: str
    tenant: str
    made_by: str
    user_service: str | None = None
    user_client: str | None = None
    actions: tuple[str, ...] = ("read", "subscribe")
    types: tuple[str, ...] = ("*",)
    attributes: tuple[str, ...] = ("*",)
    attests: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it holds now."""
        has_started = self.starts_at is None or self.starts_at <= now
        return has_started and (self.ends_at is None or now < self.ends_at)

    def grant(self, area: str) -> Grant:
        """What it grants in the service's data area."""
        actions = (*self.actions, "attest") if self.attests else self.actions
        return Grant(self.tenant, actions, area + SUBTREE, self.types, self.attributes)


def read_agreement(agreement: Agreement) -> Agreement:
    """Hold an agreement against its grammar. Raises BadData."""
    if (agreement.user_service is None) == (agreement.user_client is None):
        raise BadData("An agreement is with either a user_service or a user_client", field="user_service")
    if agreement.user_service == agreement.service_id:
        raise BadData("A service needs no agreement with itself", field="user_service")
    if not agreement.actions or any(action not in AGREED_ACTIONS for action in agreement.actions):
        raise BadData(f"actions must be some of {', '.join(AGREED_ACTIONS)}", field="actions")
    for field in ("types", "attributes"):
        words: tuple[str, ...] = getattr(agreement, field)
        if not words or not all(map(is_type_name, words)):
            raise BadData(f"{field} must be names or IRIs, or *", field=field)
    return agreement
