"""From bytes to text: UTF-8 with or without a mark, UTF-16, CP932."""

import codecs

from services.catalog.listing.repair import Repairs, Rule
from services.kernel.errors import InvalidRequest


def decode(body: bytes, repairs: Repairs) -> str:
    """Return the text of a file in whatever encoding Japanese offices save it. Raises InvalidRequest."""
    encoding = _encoding(body, repairs)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidRequest("The file is neither UTF-8, UTF-16 nor CP932 text", field="body") from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise InvalidRequest("The file is not text: it has NUL characters", field="body")
    return text


def _encoding(body: bytes, repairs: Repairs) -> str:
    if body.startswith(codecs.BOM_UTF8):
        repairs.note(Rule.BYTE_ORDER_MARK)
        return "utf-8-sig"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        repairs.note(Rule.ENCODING_UTF16)
        return "utf-16"
    sample = body[:1000]
    if sample.count(0) > len(sample) // 8:
        repairs.note(Rule.ENCODING_UTF16)
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    try:
        body.decode()
    except UnicodeDecodeError:
        repairs.note(Rule.ENCODING_CP932)
        return "cp932"
    return "utf-8"
