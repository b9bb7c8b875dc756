"""What is left of a subscription's view when its maker's standing has changed."""

from services.broker.domain.narrowing import narrowed
from services.broker.domain.view import View, ViewPart
from services.broker.domain.withheld import Withheld

PARKS = ViewPart("/parks/#", ("Park",), ("name",))


def test_a_view_never_grows() -> None:
    old = View((PARKS,))
    for wider in (None, View((ViewPart("/#"),)), View((ViewPart("/parks/#", ("Park", "Tree")),))):
        assert narrowed(old, wider) == old


def test_what_is_not_covered_any_more_is_gone() -> None:
    old = View((PARKS, ViewPart("/rivers/#")))
    assert narrowed(old, View((ViewPart("/parks/#"),))) == View((PARKS,))
    for other in (
        View(),
        View((ViewPart("/parks/east/#"),)),
        View((ViewPart("/#", ("Tree",)),)),
        View((ViewPart("/#", (), ("area",)),)),
    ):
        assert narrowed(View((PARKS,)), other) == View()


def test_who_saw_everything_sees_what_is_left() -> None:
    assert narrowed(None, View((PARKS,))) == View((PARKS,))
    assert narrowed(None, None) is None


def test_what_is_withheld_and_closed_is_as_it_is_now() -> None:
    new = View((ViewPart("/#", closed=("/parks/east/#",)),), (Withheld(types=("Park",), attributes=("name",)),))
    left = narrowed(View((PARKS,), (Withheld(types=("Tree",)),)), new)
    assert left == View((ViewPart("/parks/#", ("Park",), ("name",), ("/parks/east/#",)),), new.withheld)
    assert narrowed(View((PARKS,), new.withheld), None) == View((PARKS,))
