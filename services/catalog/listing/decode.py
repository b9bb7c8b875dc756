"""From bytes to text, whichever of Japan's usual encodings a list has."""

from typing import Final

from services.catalog.listing.repair import Repairs, Rule
from services.kernel.errors import InvalidRequest
from services.kernel.text_encoding import detect

_RULES: Final = {
    "utf-8-sig": Rule.BYTE_ORDER_MARK,
    "utf-16": Rule.ENCODING_UTF16,
    "utf-16-le": Rule.ENCODING_UTF16,
    "utf-16-be": Rule.ENCODING_UTF16,
    "cp932": Rule.ENCODING_CP932,
}


def decode(body: bytes, repairs: Repairs) -> str:
    """Return the text of a file in whatever encoding Japanese offices save it. Raises InvalidRequest."""
    encoding = detect(body)
    if encoding is None:
        raise InvalidRequest("The file is text in none of Japan's usual encodings", field="body")
    if encoding != "utf-8":
        repairs.note(_RULES.get(encoding, Rule.ENCODING_OTHER))
    return body.decode(encoding).removeprefix("\ufeff")
