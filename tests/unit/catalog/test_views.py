"""Views: what searches write of a data set is what its view says, to the byte."""

import uuid
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from services.catalog.api.views import dataset_json, dataset_view
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Access, Agent, Contact, Content, Dataset, Kind, Live, Origin, Publisher
from services.catalog.domain.distribution import Distribution

ADDRESSES = Addresses("http://catalog", "http://broker")
NOW = datetime(2026, 11, 21, 3, 4, 5, 678900, UTC)
CITY = Publisher(1, "takamatsu", "高松市", "Takamatsu City", code="372013")
FULL = Content(
    titles={"ja": '公園"一覧"'},
    descriptions={"ja": "一\n二"},
    themes=("ENVI",),
    keywords=("公園",),
    contact=Contact("公園課", "park@example.jp"),
    creator=Agent("団体"),
    box=(133.9, 34.0, 134.2, 34.4),
    max_age_s=86_400,
    policy=MappingProxyType({"@type": "Offer", "uid": "urn:x", "duty": [1, 2.5, None, True]}),
    version_label="1.0",
    distributions=(
        Distribution("https://x/a", uuid.uuid4(), format="CSV", byte_size=12, fields=MappingProxyType({"a": 1})),
    ),
)
FILE = Dataset(
    *(uuid.uuid4(), "parks", CITY, Kind.FILE, FULL, NOW, NOW),
    access=Access.RESTRICTED,
    published_at=NOW.replace(microsecond=0),
    edited=frozenset({"themes", "keywords"}),
    origin=Origin("list", "key", "", ""),
)
GAUGES = Live("https://x/WaterLevelObserved", "WaterLevelObserved", ("waterLevel", "location"), 103)
LIVE = Dataset(uuid.uuid4(), "gauges", CITY, Kind.LIVE, Content({"en": "Gauges"}, {}), NOW, NOW, live=GAUGES)


@pytest.mark.parametrize("dataset", [FILE, LIVE], ids=["file", "live"])
def test_a_data_set_is_written_as_its_view_is(dataset: Dataset) -> None:
    assert dataset_json(dataset, ADDRESSES).decode() == dataset_view(dataset, ADDRESSES).model_dump_json()
