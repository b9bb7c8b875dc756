"""Values of the hot path."""

import pytest

from services.kernel.values import frozen


@frozen
class Reading:
    """What a gauge shows."""

    name: str
    level: float = 0.0


def test_values_with_equal_fields_are_equal_and_hash_alike() -> None:
    assert Reading("a", 1.5) == Reading("a", level=1.5) != Reading("b", 1.5)
    assert len({Reading("a"), Reading("a"), Reading("b")}) == 2


def test_a_value_has_its_fields_and_no_room_for_others() -> None:
    with pytest.raises(AttributeError):
        Reading("a").unit = "m"  # type: ignore[attr-defined]
