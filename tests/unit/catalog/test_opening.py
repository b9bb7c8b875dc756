"""Which live data sets everybody may see, by what their tenant opens to all."""

import dataclasses
import uuid
from typing import Any

import pytest

from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Access, AccessBy, Content, Dataset, Kind, Live, Publisher
from services.catalog.domain.opening import with_open_data
from services.kernel.clock import system_clock
from services.kernel.identity import Grant

PARK = Live("https://example.jp/Park", "Park", ("name",), 3)
NOW = system_clock()
RESTRICTED = Dataset(
    uuid.uuid4(),
    "a-park",
    Publisher(1, "a", "A"),
    Kind.LIVE,
    Content({}, {}),
    NOW,
    NOW,
    access=Access.RESTRICTED,
    live=PARK,
)


def _opened(**part: Any) -> list[Grant]:
    return [Grant.of({"tenant": "a", "actions": ["read"], **part})]


@pytest.mark.parametrize(
    ("part", "access"),
    [
        ({}, Access.PUBLIC),
        ({"types": ["Tree", "Park"]}, Access.PUBLIC),
        ({"types": ["https://example.jp/Park"]}, Access.PUBLIC),
        ({"types": ["Tree"]}, Access.RESTRICTED),
        ({"path": "/parks/#"}, Access.RESTRICTED),
        ({"attributes": ["name"]}, Access.RESTRICTED),
    ],
)
def test_a_type_is_shown_to_all_where_all_of_it_is_open(part: dict[str, Any], access: Access) -> None:
    shown = with_open_data(RESTRICTED, _opened(**part))
    assert shown.access is access
    assert with_open_data(shown, ()) == RESTRICTED


def test_what_somebody_decided_and_what_is_about_persons_stays_as_it_is() -> None:
    by_hand = dataclasses.replace(RESTRICTED, access_by=AccessBy.HAND)
    about_people = dataclasses.replace(RESTRICTED, content=Content({}, {}, data_class=DataClass.PERSONAL))
    public = dataclasses.replace(RESTRICTED, access=Access.PUBLIC)
    file = dataclasses.replace(RESTRICTED, kind=Kind.FILE, live=None)
    for each in (by_hand, about_people, public, file):
        assert with_open_data(each, _opened()) == each
    assert with_open_data(public, ()) == public
