"""Which entry of a list is which earlier data set."""

import uuid
from datetime import UTC, datetime

from services.catalog.domain.dataset import Content, Dataset, Kind, Origin, Publisher
from services.catalog.listing.entry import Entry
from services.catalog.listing.pairing import pair

NOW = datetime(2026, 8, 22, tzinfo=UTC)
NOTHING = Content(titles={}, descriptions={})


def entry(name: str, url: str, row: int = 2) -> Entry:
    return Entry(row, name, url, NOTHING)


def earlier(name: str, url: str) -> Dataset:
    origin = Origin("list", entry(name, url).key, url, name)
    return Dataset(uuid.uuid4(), name, Publisher(1, "t", "t"), Kind.FILE, NOTHING, NOW, NOW, origin=origin)


def test_the_same_page_and_name_is_the_same_data_set() -> None:
    known = [earlier("公園", "u1"), earlier("図書館", "u1")]
    found = pair([entry("図書館", "u1", 2), entry("公園", "u1", 3)], known)
    assert [(each.name, dataset.name) for each, dataset in found.known] == [("図書館", "図書館"), ("公園", "公園")]
    assert (found.new, found.missing) == ((), ())


def test_a_renamed_and_a_moved_data_set_are_known_again() -> None:
    known = [earlier("公園", "u1"), earlier("図書館", "u2")]
    found = pair([entry("都市公園", "u1"), entry("図書館", "u9", 3)], known)
    assert [(each.name, dataset.name) for each, dataset in found.known] == [("都市公園", "公園"), ("図書館", "図書館")]


def test_what_is_not_unique_is_no_evidence() -> None:
    known = [earlier("a", "u1"), earlier("b", "u1")]
    found = pair([entry("c", "u1")], known)
    assert (found.known, found.new[0].name) == ((), "c")
    assert {each.name for each in found.missing} == {"a", "b"}
