"""The converters there are."""

from collections.abc import Sequence

from services.ingest.feeds.amedas.feed import AmedasFeed
from services.ingest.feeds.feed import Document, Feed
from services.ingest.feeds.gtfs.feed import GtfsFeed
from services.ingest.feeds.gtfs_realtime.feed import GtfsRealtimeFeed
from services.ingest.feeds.jma.feed import JmaFeed
from services.kernel.errors import NotFound


class FeedShelf:
    """Converters by name."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = {each.name: each for each in feeds}

    def all(self) -> Sequence[Feed]:
        """Return every converter, by name."""
        return [self._feeds[name] for name in sorted(self._feeds)]

    def named(self, name: str) -> Feed:
        """Return one converter. Raises NotFound."""
        if name not in self._feeds:
            known = ", ".join(sorted(self._feeds)) or "none"
            raise NotFound(f"Feed {name} does not exist; there are: {known}", field="feed")
        return self._feeds[name]

    def recognising(self, document: Document) -> Feed | None:
        """Return the converter that knows the document, if there is one."""
        return next((each for each in self.all() if each.recognises(document)), None)


def load_feeds() -> FeedShelf:
    """Build the converters that come with ingest."""
    return FeedShelf((AmedasFeed(), GtfsFeed(), GtfsRealtimeFeed(), JmaFeed()))
