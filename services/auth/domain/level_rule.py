"""Levels of assurance that a tenant's data ask, as `access.levels` of the tenant in the feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.auth.domain.scopes import is_type_name, read_path
from services.kernel.errors import BadData
from services.kernel.identity.assurance import NOT_ASSURED, Assurance
from services.kernel.identity.rules import LEVELLED_ACTIONS

MOST_RULES = 100


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What some data ask: below a service path, of some types, some of their attributes (`*`: all of them)."""

    asked: Assurance
    path: str = "/#"
    types: tuple[str, ...] = ("*",)
    attributes: tuple[str, ...] = ("*",)
    actions: tuple[str, ...] = LEVELLED_ACTIONS

    @property
    def document(self) -> dict[str, Any]:
        """The rule as the feed tells it."""
        return {
            "path": self.path,
            "types": list(self.types),
            "attributes": list(self.attributes),
            "actions": list(self.actions),
            "ial": self.asked.ial,
            "aal": self.asked.aal,
        }


def read_level_rules(rules: Sequence[LevelRule]) -> tuple[LevelRule, ...]:
    """Hold rules against their grammar. Raises BadData naming the rule."""
    if len(rules) > MOST_RULES:
        raise BadData(f"A tenant has at most {MOST_RULES} rules of levels", field="rules")
    for position, rule in enumerate(rules):
        field = f"rules.{position}"
        read_path(rule.path, f"{field}.path")
        if rule.asked == NOT_ASSURED:
            raise BadData("A rule asks for an ial or an aal", field=f"{field}.ial")
        if not rule.actions or any(action not in LEVELLED_ACTIONS for action in rule.actions):
            raise BadData(f"actions must be some of {', '.join(LEVELLED_ACTIONS)}", field=f"{field}.actions")
        for name in ("types", "attributes"):
            words: tuple[str, ...] = getattr(rule, name)
            if not words or not all(map(is_type_name, words)):
                raise BadData(f"{name} must be names or IRIs, or *", field=f"{field}.{name}")
    return tuple(rules)
