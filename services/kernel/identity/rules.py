"""What a tenant asks of callers beyond grants, as auth's feed of tenants tells it (the member `access` of a tenant)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.kernel.errors import Unavailable
from services.kernel.identity.assurance import NOT_ASSURED, Assurance
from services.kernel.identity.grant import SUBTREE, Grant, covers
from services.kernel.identity.policies import Policies, parsed
from services.kernel.identity.principal import Principal

LEGAL_CLASSES: Final[Mapping[str, str]] = {
    "personal": "個人情報, to others with the person's consent",
    "pseudonymised": "仮名加工情報, never to others",
    "anonymised": "匿名加工情報, to others as any data",
    "related": "個人関連情報, to others with consent or where the receiver attests it",
}
"""The classes that the law knows (個人情報保護法), and to whom their data may be given."""

CONSENTED_CLASSES: Final = ("personal", "related")
LEVELLED_ACTIONS: Final = ("read", "subscribe", "write")


@dataclass(frozen=True, slots=True)
class Area:
    """The data area of a provided service: whether only grants within it reach it, and what levels its users need."""

    service: str
    path: str
    is_separated: bool = False
    asked: Assurance = NOT_ASSURED

    def is_closed_to(self, grant: Grant) -> bool:
        """Tell whether a grant does not reach into the area."""
        return self.is_separated and not covers(self.path + SUBTREE, grant.path)

    def is_own(self, principal: Principal) -> bool:
        """Tell whether a caller is the area's own service, not one of its users."""
        return principal.service == self.service and principal.acts_for_itself


@dataclass(frozen=True, slots=True)
class LevelRule:
    """Levels that some data ask: below a service path, of some types, some of their attributes (none: all)."""

    asked: Assurance
    path: str = SUBTREE
    types: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    actions: tuple[str, ...] = LEVELLED_ACTIONS


@dataclass(frozen=True, slots=True)
class ClassRule:
    """The legal class of an attribute of a type; `subject` is the attribute that names the person, None: the id."""

    type: str
    attribute: str
    legal_class: str
    subject: str | None = None

    @property
    def item(self) -> str:
        """What consents are about, in one word."""
        return f"{self.type} {self.attribute}"

    @property
    def takes_consent(self) -> bool:
        """Tell whether a person's consent lets it be given to others."""
        return self.legal_class in CONSENTED_CLASSES

    def held_by(self, principal: Principal, tenant: str) -> tuple[str, ...]:
        """Return the service paths in which a caller may see it without consent: as its holder, or attesting it."""
        actions = ("hold", "attest") if self.legal_class == "related" else ("hold",)
        return tuple(
            grant.path
            for grant in principal.grants_in(tenant)
            if {"*", *actions} & set(grant.actions)
            and {"*", self.type} & set(grant.types)
            and {"*", self.attribute} & set(grant.attributes)
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a tenant asks beyond grants."""

    areas: tuple[Area, ...] = ()
    levels: tuple[LevelRule, ...] = ()
    policies: Policies | None = None
    classes: tuple[ClassRule, ...] = ()

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "Rules | None":
        """Read the rules of what the feed tells of a tenant, None where it asks nothing. Raises KeyError, TypeError.

        Policies that cannot be read make the tenant unusable: raises Unavailable.
        """
        access = details.get("access")
        if not access:
            return None
        return cls(
            tuple(
                Area(str(each["service"]), str(each["path"]), bool(each["separated"]), _assurance(each))
                for each in access.get("areas", ())
            ),
            tuple(map(_level_rule, access.get("levels", ()))),
            _policies(access.get("policies")),
            tuple(ClassRule(**each) for each in access.get("classes", ()) if each["legal_class"] != "anonymised"),
        )

    def closed_to(self, grant: Grant) -> tuple[str, ...]:
        """Return the paths, each with what lies below, that a grant does not reach into."""
        return tuple(area.path + SUBTREE for area in self.areas if area.is_closed_to(grant))

    def short_of(self, principal: Principal, action: str) -> list[LevelRule]:
        """Return the rules whose levels a caller does not reach for an action."""
        asked = [rule for rule in self.levels if action in rule.actions]
        if action in LEVELLED_ACTIONS:
            asked += [
                LevelRule(area.asked, area.path + SUBTREE)
                for area in self.areas
                if area.asked != NOT_ASSURED and not area.is_own(principal)
            ]
        return [rule for rule in asked if not principal.assurance.satisfies(rule.asked)]


def _policies(text: str | None) -> Policies | None:
    try:
        return parsed(text) if text else None
    except ValueError as error:
        raise Unavailable("The tenant's policies cannot be read") from error


def _level_rule(document: Mapping[str, Any]) -> LevelRule:
    return LevelRule(
        _assurance(document),
        str(document.get("path", SUBTREE)),
        _named(document.get("types", ())),
        _named(document.get("attributes", ())),
        tuple(document.get("actions", LEVELLED_ACTIONS)),
    )


def _named(words: Iterable[str]) -> tuple[str, ...]:
    named = tuple(map(str, words))
    return () if "*" in named else named


def _assurance(document: Mapping[str, Any]) -> Assurance:
    return Assurance(int(document.get("ial", 0)), int(document.get("aal", 0)))
