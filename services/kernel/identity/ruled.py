"""A caller as a service without views has it: its grants are held against what tenants ask beyond them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.kernel.identity.decision import Question, require_decision
from services.kernel.identity.principal import Principal
from services.kernel.identity.rules import Rules


@dataclass(frozen=True, slots=True)
class RuledPrincipal(Principal):
    """A caller with the rules of the tenants that its request names, as of a moment."""

    rules: Mapping[str, Rules] = field(default_factory=dict, compare=False)
    now: datetime | None = field(default=None, compare=False)

    @classmethod
    def of(cls, principal: Principal, rules: Mapping[str, Rules], now: datetime) -> "RuledPrincipal":
        """Return a caller under rules."""
        return cls(
            principal.subject,
            principal.client_id,
            principal.grants,
            principal.ial,
            principal.aal,
            principal.revision,
            principal.token_id,
            principal.authorization_id,
            principal.service,
            principal.purposes,
            rules=rules,
            now=now,
        )

    def require(self, action: str, tenant: str, paths: Iterable[str] = ("/#",), types: Iterable[str] = ("*",)) -> None:
        """Refuse unless grants and the tenant's rules allow it. Raises NotAllowed, InsufficientAssurance."""
        rules = self.rules.get(tenant)
        if rules is None or self.now is None:
            Principal.require(self, action, tenant, paths, types)
            return
        kinds = tuple(types)
        questions = [Question(action, tenant, path, kind) for path in paths for kind in kinds]
        require_decision(self, rules, questions, self.now)

    def require_some(self, action: str, tenant: str, paths: Collection[str]) -> None:
        """Refuse unless grants allow some of it; of a tenant with rules, all of it. Raises NotAllowed."""
        Principal.require_some(self, action, tenant, paths)
        if paths and tenant in self.rules:
            self.require(action, tenant, paths)
