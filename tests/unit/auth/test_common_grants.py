"""What a person and a service may both do: never more than either."""

import itertools

import pytest

from services.auth.domain.common_grants import common_grants
from services.kernel.identity import Grant

SERVICE = Grant("takamatsu", ("read", "write"), "/bus/#", ("BusStop",), ("name", "location"))


@pytest.mark.parametrize(
    ("grant", "left"),
    [
        (Grant("*", ("*",)), [SERVICE]),
        (Grant("takamatsu/#", ("*",)), [SERVICE]),
        (
            Grant("takamatsu", ("read", "admin"), "/bus/line1"),
            [Grant("takamatsu", ("read",), "/bus/line1", ("BusStop",), ("name", "location"))],
        ),
        (
            Grant("takamatsu", ("write",), "/#", ("AED", "BusStop"), ("name", "fare")),
            [Grant("takamatsu", ("write",), "/bus/#", ("BusStop",), ("name",))],
        ),
        (Grant("takamatsu", ("read",), "/parks/#"), []),
        (Grant("takamatsu", ("admin",)), []),
        (Grant("takamatsu", ("read",), "/#", ("AED",)), []),
        (Grant("takamatsu", ("read",), "/#", ("*",), ("fare",)), []),
        (Grant("marugame", ("*",)), []),
        (Grant("marugame/#", ("*",)), []),
    ],
)
def test_a_grant_is_cut_to_what_the_service_may_do(grant: Grant, left: list[Grant]) -> None:
    assert list(common_grants([grant], [SERVICE])) == left
    assert list(common_grants([SERVICE], [grant])) == left


def test_what_is_left_is_allowed_by_both_and_all_that_both_allow_is_left() -> None:
    tenants, paths, kinds = ("takamatsu", "*", "marugame"), ("/#", "/bus", "/bus/#", "/bus/line1/#"), ("*", "BusStop")
    every = [Grant(tenant, ("read",), path, (kind,)) for tenant in tenants for path in paths for kind in kinds]
    for one, other in itertools.product(every, every):
        left = common_grants([one], [other])
        for path, kind in itertools.product(("/#", "/bus", "/bus/#", "/bus/line1", "/parks"), ("*", "BusStop", "AED")):
            asked = ("read", "takamatsu", path, kind)
            allowed = one.covers(*asked) and other.covers(*asked)
            assert any(each.covers(*asked) for each in left) == allowed, (one, other, asked)
