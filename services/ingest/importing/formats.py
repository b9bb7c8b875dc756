"""Documents that are no table, though a table would be read out of their bytes: web pages, PDFs, images, archives."""

import re
from typing import Final

from services.kernel.errors import InvalidRequest

_BEGINNINGS: Final = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x1f\x8b": "compressed (gzip)",
    b"7z\xbc\xaf": "an archive (7z)",
    b"Rar!": "an archive (RAR)",
    b"{\\rtf": "a text document (RTF)",
}
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype\s+html|html|\?xml|kml|rdf:rdf)[\s>]", re.IGNORECASE)
_PAGES: Final = frozenset({b"html", b"!doctype html"})


def refuse_what_is_no_table(content: bytes) -> None:
    """Raise InvalidRequest for a document of another kind, saying which: a server's page about an error, for one."""
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), "")
    markup = None if kind else _MARKUP.match(content[:1000])
    if markup is not None:
        kind = "a web page" if b" ".join(markup[1].lower().split()) in _PAGES else "XML that no feed knows"
    if kind:
        raise InvalidRequest(f"The file is no table: it is {kind}", field="body")
