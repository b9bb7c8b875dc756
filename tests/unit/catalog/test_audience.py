"""What a caller may see."""

from services.catalog.domain.audience import Audience, audience_of
from services.kernel.identity import OPEN, Grant, Principal


def seen_with(*grants: Grant) -> Audience:
    return audience_of(Principal("s", "c", grants))


def test_the_open_profile_sees_everything() -> None:
    assert audience_of(OPEN).everything


def test_a_grant_to_read_a_whole_tenant_counts() -> None:
    assert seen_with(Grant("fukui", ("read",)), Grant("", ("*",))).tenants == {"fukui", ""}
    assert seen_with(Grant("*", ("read",))).everything
    assert [seen_with(Grant("fukui", ("read",))).reads(tenant) for tenant in ("fukui", "")] == [True, False]


def test_a_grant_for_a_part_of_a_tenant_shows_nothing_restricted() -> None:
    part = seen_with(Grant("fukui", ("write",)), Grant("fukui", ("read",), "/a/#"), Grant("*", ("read",), "/#", ("A",)))
    assert part == Audience()
