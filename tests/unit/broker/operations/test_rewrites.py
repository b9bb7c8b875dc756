"""Which rewrites of an entity touch no indexed column."""

from services.broker.store.entities import Rewrite, only_attributes_changed
from tests.support.broker import gauge


def test_a_position_that_is_written_again_is_no_change_of_columns_and_one_that_moves_is() -> None:
    def at(longitude: float) -> list[dict[str, object]]:
        return [{"kind": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, 36.1]}}]

    there = gauge(1).with_(attrs={"location": at(136.2)})
    assert only_attributes_changed(
        Rewrite(there, there.with_(attrs={"location": at(136.2), **gauge(1, level=1).attrs}))
    )
    for attrs in ({"location": at(137)}, {}, {"location": [{"kind": "Property", "value": 1}]}):
        assert not only_attributes_changed(Rewrite(there, there.with_(attrs=attrs)))
