"""The agency's lists of reports (PULL型, Atom): which reports there are, and reports of one list as one document.

A list has an entry for each report of the last hours, newest first, with the address of the report itself.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.feeds.jma.tree import child, children, local, parse, text
from services.kernel.errors import InvalidRequest

_ATOM: Final = b"http://www.w3.org/2005/Atom"
_LOOKED_AT: Final = 4096
_MOST_REPORTS: Final = 2000
_LARGEST_REPORT: Final = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class Entry:
    """A report in a list: when it was put there, and where it is."""

    updated: str
    url: str


def is_list(content: bytes) -> bool:
    """Tell whether a document may be a list of reports."""
    return _ATOM in content[:_LOOKED_AT]


def read_entries(content: bytes) -> list[Entry]:
    """Return the reports of a list, oldest first; none where it is no list. Raises InvalidRequest."""
    root = parse(content)
    if local(root) != "feed":
        return []
    found = []
    for each in children(root, "entry"):
        link = child(each, "link")
        url = link.get("href", "") if link is not None else ""
        if url.endswith(".xml"):
            found.append(Entry(text(each, "updated"), url))
    return sorted(found, key=lambda entry: (entry.updated, entry.url))


def pack(reports: Sequence[bytes]) -> bytes:
    """Put reports into one document, in their order: a zip, the same one each time."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(reports, start=1):
            archive.writestr(zipfile.ZipInfo(f"{number:05}.xml", (1980, 1, 1, 0, 0, 0)), content)
    return found.getvalue()


def unpack(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Return the reports in a zip by name, in the order of their names. Raises InvalidRequest."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = sorted(archive.infolist(), key=lambda each: each.filename)
            if len(members) > _MOST_REPORTS or any(each.file_size > _LARGEST_REPORT for each in members):
                raise InvalidRequest(f"The zip has more than {_MOST_REPORTS} reports, or one that is too large")
            for each in members:
                yield each.filename, archive.read(each)
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise InvalidRequest(f"The zip cannot be read: {error}") from error
