"""Documents as their publishers write them, each with the records that it becomes."""

import json
from collections.abc import Callable

import pytest

from services.ingest.feeds.amedas.feed import AmedasFeed
from services.ingest.feeds.feed import Document, Feed
from services.ingest.feeds.gtfs.feed import GtfsFeed
from services.ingest.feeds.gtfs_realtime.feed import GtfsRealtimeFeed
from services.ingest.feeds.jma.feed import JmaFeed
from services.ingest.feeds.shelf import load_feeds
from services.ingest.importing.words import in_japanese
from tests.unit.ingest.feeds.documents import DESTINATION, RECEIVED, SAMPLES, gtfs_rt, gtfs_zip, read, report

REPORTS = ("weather", "flood", "earthquake", "volcano", "tsunami-drill", "tsunami-cancelled")
CASES: dict[str, tuple[Feed, Callable[[], bytes], dict[str, str]]] = {
    "amedas": (AmedasFeed(), (SAMPLES / "amedas.json").read_bytes, {"stations": "72"}),
    "gtfs-jp": (GtfsFeed(), gtfs_zip, {"dataset": "ritsurin", "stopTimes": "true"}),
    "gtfs-rt": (GtfsRealtimeFeed(), lambda: gtfs_rt().SerializeToString(), {"dataset": "ritsurin"}),
    **{f"jma-{name}": (JmaFeed(), lambda name=name: report(name), {}) for name in REPORTS},  # type: ignore[misc]
}


@pytest.mark.parametrize("name", CASES)
def test_a_document_becomes_its_records(name: str) -> None:
    feed, content, options = CASES[name]
    golden = json.loads((SAMPLES / f"{name}.golden.json").read_text("utf-8"))
    assert read(feed, content(), **options) == golden


@pytest.mark.parametrize("name", CASES)
def test_only_its_own_feed_recognises_a_document_and_keeps_to_the_types_it_declares(name: str) -> None:
    feed, content, options = CASES[name]
    document = Document(content(), RECEIVED, options=options)
    feeds = load_feeds().all()
    assert [each.name for each in feeds if each.recognises(document)] == [feed.name]
    records = list(feed.read(document, DESTINATION))
    assert {each.entity["type"] for each in records if each.entity} <= set(feed.types)
    assert {repair for each in records for repair in each.repairs} <= set(feed.repairs)
    assert set(options) <= set(feed.options)


def test_every_repair_of_a_feed_is_told_in_japanese_too() -> None:
    codes = {code for feed in load_feeds().all() for code in feed.repairs}
    assert "no-time" in codes
    assert [code for code in sorted(codes) if not in_japanese(code) or "必須の項目" in in_japanese(code)] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x0a", b"\x0a\xff\xff", b"<Report/>", b"\xff\xfe"])
def test_no_feed_fails_at_recognising_what_is_none(content: bytes) -> None:
    document = Document(content, RECEIVED)
    assert [each.name for each in load_feeds().all() if each.recognises(document)] == []
