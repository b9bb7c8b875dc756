"""One decision: may a caller do something in a part of a tenant, and why or why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.kernel.errors import NotAllowed
from services.kernel.identity.assurance import Assurance, insufficient
from services.kernel.identity.grant import SUBTREE, Grant, covers
from services.kernel.identity.policies import DECIDED_ACTIONS, PolicyRequest
from services.kernel.identity.principal import Principal
from services.kernel.identity.rules import LevelRule, Rules

Reason = Literal["granted", "permitted_by_policy", "not_granted", "forbidden_by_policy", "insufficient_assurance"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be done where: an action in a tenant, in a service path (`/#`: all below), to a type and attribute."""

    action: str
    tenant: str
    path: str = SUBTREE
    type: str = "*"
    attribute: str = "*"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with the grants and policies it stands on, and the levels that it takes."""

    is_allowed: bool
    reason: Reason
    grants: tuple[Grant, ...] = ()
    policies: tuple[str, ...] = ()
    asked: Assurance | None = None


def decide(principal: Principal, rules: Rules | None, question: Question, now: datetime) -> Decision:
    """Decide for a caller, whose grants are those that it has in the tenant (`Principal.within`).

    A level that the caller does not reach refuses, then a policy that forbids; else a grant or a policy allows.
    """
    grants = tuple(grant for grant in principal.grants_in(question.tenant) if _reaches(grant, rules, question))
    decision = Decision(bool(grants), "granted" if grants else "not_granted", grants)
    if rules is None:
        return decision
    if rules.policies is not None and question.action in DECIDED_ACTIONS:
        decision = _under_policies(principal, rules, question, now, decision)
    short = [rule.asked for rule in rules.short_of(principal, question.action) if _touches(rule, question)]
    if decision.is_allowed and short:
        asked = Assurance(max(each.ial for each in short), max(each.aal for each in short))
        return Decision(False, "insufficient_assurance", grants, decision.policies, asked)
    return decision


def require_decision(principal: Principal, rules: Rules | None, questions: Iterable[Question], now: datetime) -> None:
    """Refuse unless all is allowed. Raises NotAllowed, InsufficientAssurance."""
    for question in questions:
        decision = decide(principal, rules, question, now)
        if decision.asked is not None:
            raise insufficient(decision.asked, f"Tenant {question.tenant}")
        if decision.reason == "forbidden_by_policy":
            raise NotAllowed(f"Policy {', '.join(decision.policies)} forbids it in tenant {question.tenant}")
        if not decision.is_allowed:
            raise principal.refusal(question.action, question.tenant, question.path, question.type)


def _under_policies(
    principal: Principal, rules: Rules, question: Question, now: datetime, decision: Decision
) -> Decision:
    """Hold a decision against the policies, in every cell that the question touches."""
    policies = rules.policies
    assert policies is not None
    verdicts = [
        policies.decide(PolicyRequest.of(principal, question.action, cell, now, granted=decision.is_allowed))
        for cell in policies.cells_of(question.path, question.type)
    ]
    named = tuple(sorted({name for each in verdicts for name in each.policies} - {"grants"}))
    if all(each.is_allowed for each in verdicts):
        return Decision(True, "granted" if decision.grants else "permitted_by_policy", decision.grants, named)
    refusing = tuple(sorted({name for each in verdicts if not each.is_allowed for name in each.policies}))
    return Decision(False, "forbidden_by_policy" if refusing else "not_granted", decision.grants, refusing)


def _reaches(grant: Grant, rules: Rules | None, question: Question) -> bool:
    if not grant.allows(question.action, question.tenant, question.path):
        return False
    is_typed = "*" in grant.types or question.type in grant.types
    is_shown = "*" in grant.attributes or question.attribute in grant.attributes
    is_open = rules is None or not any(_meet(shut, question.path) for shut in rules.closed_to(grant))
    return is_typed and is_shown and is_open


def _touches(rule: LevelRule, question: Question) -> bool:
    return (
        _meet(rule.path, question.path)
        and (not rule.types or question.type == "*" or question.type in rule.types)
        and (not rule.attributes or question.attribute == "*" or question.attribute in rule.attributes)
    )


def _meet(path: str, other: str) -> bool:
    """Tell whether two service paths, each perhaps with what lies below, have something in common."""
    return covers(path, other) or covers(other, path) or covers(path, other.removesuffix(SUBTREE) or "/")
