"""The rank of the highest threshold that a value reaches."""

import pytest

from services.ingest.domain.derivation import RankOfThreshold

RULE = RankOfThreshold("alertLevel", "waterLevel", ("standby", "caution", "evacuation", "danger"))
ALL = {"standby": 3.5, "caution": 4.8, "evacuation": 5.6, "danger": 6.1}
WITHOUT_CAUTION = {name: level for name, level in ALL.items() if name != "caution"}


@pytest.mark.parametrize(
    ("level", "thresholds", "rank"),
    [
        (3.49, ALL, 0),
        (3.5, ALL, 1),
        (5.59, ALL, 2),
        (5.6, ALL, 3),
        (7, ALL, 4),
        (5.0, WITHOUT_CAUTION, 1),
        (5.6, WITHOUT_CAUTION, 3),
        (7, {"danger": 6.1}, 4),
        (-1, {"danger": 6.1}, 0),
        (5, {}, None),
        (None, ALL, None),
        ("5", ALL, None),
        (True, ALL, None),
    ],
)
def test_the_rank_follows_the_thresholds_that_are_known(
    level: object, thresholds: dict[str, float], rank: int | None
) -> None:
    assert RULE.derive({"waterLevel": level}, thresholds) == rank


def test_a_measured_threshold_wins_over_a_static_one() -> None:
    assert RULE.derive({"waterLevel": 5, "danger": 4}, ALL) == 4
