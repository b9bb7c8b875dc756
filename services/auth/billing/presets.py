"""Schemes in use as plans: Tochigi, Fukushima, Tottori, and Hokkaido's tapering."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from services.auth.billing.plan import Equal, Part, Payer, Population, Rule

_TAPERED: Final = Population(doubling=Decimal("1.5"))


def _half_equal_half_population(*, among: str = "members", free_until_used: bool = False) -> tuple[Part, ...]:
    more = {"among": among, "free_until_used": free_until_used}
    return tuple(Part.model_validate({"by": key, **more}) for key in (Equal(), Population()))


def _tochigi() -> list[Rule]:
    """Two stages: a member's share is borne by the prefecture until the member uses the hub."""
    return [Rule(parts=_half_equal_half_population(free_until_used=True))]


def _fukushima() -> list[Rule]:
    """Half by the prefecture, half by the members that use; a chosen service by those that chose it."""
    service = Rule(of="services", parts=_half_equal_half_population(among="users"))
    users = [Part(weight=1, by=key, among="users") for key in (Equal(), Population())]
    return [service, Rule(of="hub", parts=[Part(weight=2, by=Payer()), *users])]


def _tottori() -> list[Rule]:
    """The hub by the prefecture, services and applications by those that chose them."""
    service = Rule(of="services", parts=_half_equal_half_population(among="users"))
    return [service, Rule(of="hub", parts=[Part(by=Payer())])]


def _harp() -> list[Rule]:
    """By inhabitants, tapered: twice the inhabitants pay one and a half times as much."""
    return [Rule(parts=[Part(by=_TAPERED)])]


PRESETS: Final[Mapping[str, Callable[[], list[Rule]]]] = {
    "tochigi": _tochigi,
    "fukushima": _fukushima,
    "tottori": _tottori,
    "harp": _harp,
}
"""Rules by the name of the scheme. How users divide their part is not published: half equally, half by inhabitants."""
