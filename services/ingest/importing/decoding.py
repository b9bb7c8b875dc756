"""The bytes of a CSV file as text, whichever of Japan's usual encodings they have."""

import codecs
from dataclasses import dataclass

from services.kernel.errors import InvalidRequest

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOK_AT = 400


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, and the encoding it had."""

    text: str
    encoding: str


def decode(content: bytes) -> DecodedText:
    """Decode UTF-8, UTF-16 (with a byte order mark or without) or Shift_JIS (CP932). Raises InvalidRequest."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding)
    if b"\x00" in content[:_LOOK_AT]:
        is_little = content[1:_LOOK_AT:2].count(0) >= content[0:_LOOK_AT:2].count(0)
        return _decode(content, "utf-16-le" if is_little else "utf-16-be")
    try:
        return DecodedText(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decode(content, "cp932")


def _decode(content: bytes, encoding: str) -> DecodedText:
    try:
        return DecodedText(content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        words = "The file is neither UTF-8, UTF-16 nor Shift_JIS (CP932)"
        raise InvalidRequest(f"{words}: byte {error.start}", field="body") from error
