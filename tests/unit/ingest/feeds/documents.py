"""The sample documents of feeds: timetables, vehicle positions, reports of the meteorological agency."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from google.transit import gtfs_realtime_pb2 as realtime

from services.ingest.feeds.feed import Destination, Document, Feed

SAMPLES = Path(__file__).parent / "samples"
RECEIVED = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
DESTINATION = Destination("takamatsu", "/transport")


def gtfs_zip(folder: str = "", **replaced: str | None) -> bytes:
    """Return the sample timetable as a zip; `replaced` gives other text to a table, or takes it out (None)."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for file in sorted((SAMPLES / "gtfs-jp").glob("*.txt")):
            text = replaced.get(file.stem, file.read_text("utf-8"))
            if text is not None:
                archive.writestr(f"{folder}{file.name}", text)
    return found.getvalue()


def gtfs_rt() -> realtime.FeedMessage:
    """Return the sample message of GTFS Realtime."""
    return text_format.Parse((SAMPLES / "gtfs-rt.textproto").read_text("utf-8"), realtime.FeedMessage())


def report(name: str) -> bytes:
    """Return a sample report of the agency."""
    return (SAMPLES / "jma" / f"{name}.xml").read_bytes()


def read(feed: Feed, content: bytes, **options: str) -> list[dict[str, Any]]:
    """Read a document and write its records down, without what is empty."""
    records = feed.read(Document(content, RECEIVED, options=options), DESTINATION)
    found = []
    for each in records:
        refusal = {"reason": each.refusal.reason, "field": each.refusal.field} if each.refusal else None
        told = {"part": each.part, "entity": each.entity, "refusal": refusal, "repairs": list(each.repairs)}
        found.append({"number": each.number} | {name: value for name, value in told.items() if value})
    return found


def entities(feed: Feed, content: bytes, **options: str) -> dict[str, dict[str, Any]]:
    """Return a document's entities by id."""
    return {each["entity"]["id"]: each["entity"] for each in read(feed, content, **options) if "entity" in each}
