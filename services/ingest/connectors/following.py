"""Fetching what a document names: the reports of a list, or the newest map of weather stations, are the document."""

from collections import OrderedDict
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from services.ingest.connectors.fetching import Ask, Fetched, Fetcher, FetchFailed, Limits
from services.ingest.feeds.amedas.latest import map_address
from services.ingest.feeds.jma.atom import is_list, pack, read_entries
from services.kernel.errors import InvalidRequest

_MOST_VERSIONS = 500
_MOST_AT_ONCE = 500
_Version = tuple[str, str, str]


class FollowingFetcher(Fetcher):
    """Fetches what the meteorological agency's lists and times name.

    Of its weather stations, that is the map of the latest time; of a list, with each version, the reports that are new.

    Who asks with the version of a list that it has stored gets what that version did not name. Versions are forgotten
    with the process: then all of a list comes again, and changes nothing.
    """

    def __init__(self, policy: str, limits: Limits) -> None:
        super().__init__(policy, limits)
        self._listed: OrderedDict[_Version, frozenset[str]] = OrderedDict()

    async def fetch(self, ask: Ask) -> Fetched:
        """Fetch a document, or the reports that it lists. Raises FetchFailed, EgressRefused."""
        fetched = await super().fetch(ask)
        if not fetched.is_unchanged and (address := map_address(ask.url, fetched.content)):
            newest = await super().fetch(Ask(address))
            return replace(newest, etag=fetched.etag, last_modified=fetched.last_modified)
        if fetched.is_unchanged or not is_list(fetched.content):
            return fetched
        try:
            entries = read_entries(fetched.content)
        except InvalidRequest:
            return fetched
        if not entries:
            return fetched
        host = urlsplit(ask.url).netloc
        addresses = [urljoin(ask.url, each.url) for each in entries]
        known = self._listed.get((ask.url, ask.etag, ask.last_modified), frozenset())
        new = [each for each in addresses if urlsplit(each).netloc == host and each not in known][-_MOST_AT_ONCE:]
        if not new:
            return replace(fetched, content=b"", is_unchanged=True)
        reports = [await self._report(each) for each in new]
        self._note((ask.url, fetched.etag, fetched.last_modified), (known & set(addresses)) | set(new))
        return replace(fetched, content=pack(reports), content_type="application/zip", name=f"{fetched.name}.zip")

    async def _report(self, url: str) -> bytes:
        found = await super().fetch(Ask(url))
        if found.is_unchanged:
            raise FetchFailed("a report is said to be unchanged, though no version was named")
        return found.content

    def _note(self, version: _Version, listed: frozenset[str]) -> None:
        if version[1] or version[2]:
            self._listed[version] = listed
            while len(self._listed) > _MOST_VERSIONS:
                self._listed.popitem(last=False)
