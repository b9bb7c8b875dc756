"""The bytes of a text file as text, whichever of Japan's usual encodings they have."""

import codecs
import re
from dataclasses import dataclass

from services.kernel.errors import InvalidRequest

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOK_AT = 400
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b$(")
_JAPANESE = ("cp932", "euc_jp", "shift_jis_2004", "euc_jis_2004")
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_MOST_BROKEN = 0.01
_NAMES = {
    "shift_jis": "cp932",
    "sjis": "cp932",
    "ms932": "cp932",
    "windows_31j": "cp932",
    "utf_8_sig": "utf-8",
    "utf8": "utf-8",
    "utf_8": "utf-8",
}
BROKEN_CHARACTER = "\ufffd"


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, and the encoding it had. What could not be decoded, at most one in a hundred bytes, is U+FFFD in it."""

    text: str
    encoding: str


def decode(content: bytes, encoding: str | None = None) -> DecodedText:
    """Decode UTF-8 or UTF-16 (with a byte order mark or without), CP932, EUC-JP, ISO-2022-JP or JIS X 0213's forms.

    `encoding` says which, where the caller knows. Raises InvalidRequest.
    """
    if encoding:
        return _decode_as(content, _known(encoding))
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _decode_as(content[len(mark) :], name)
    if b"\x00" in content[:_LOOK_AT]:
        is_little = content[1:_LOOK_AT:2].count(0) >= content[0:_LOOK_AT:2].count(0)
        return _decode_as(content, "utf-16-le" if is_little else "utf-16-be")
    if any(escape in content for escape in _ESCAPES):
        return _decode_as(content, "iso2022_jp_ext")
    return _decode_exactly(content, "utf-8") or _decode_japanese(content)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding.strip()).name.replace("-", "_")
    except (LookupError, ValueError):
        raise InvalidRequest(f"{encoding:.50} is no encoding", field="encoding") from None
    return _NAMES.get(name, name)


def _decode_as(content: bytes, encoding: str) -> DecodedText:
    try:
        return DecodedText(content.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError as error:
        return _damaged(content, encoding, error)
    except LookupError:
        raise InvalidRequest(f"{encoding} is no encoding of texts", field="encoding") from None


def _decode_exactly(content: bytes, encoding: str) -> DecodedText | None:
    try:
        return DecodedText(content.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _decode_japanese(content: bytes) -> DecodedText:
    """Choose among the encodings that fit the one with the fewest half-width kana: EUC-JP as CP932 is full of them.

    CP932 stands first, so it is taken where nothing speaks against it.
    """
    fitting = [text for name in _JAPANESE if (text := _decode_exactly(content, name))]
    if fitting:
        return min(fitting, key=lambda each: len(_HALF_WIDTH_KANA.findall(each.text)))
    found = [_repaired(content, name) for name in ("utf-8", "cp932")]
    best = min(found, key=lambda each: each.text.count(BROKEN_CHARACTER))
    return _believable(best, content)


def _repaired(content: bytes, encoding: str) -> DecodedText:
    return DecodedText(content.decode(encoding, "replace"), encoding)


def _damaged(content: bytes, encoding: str, error: UnicodeDecodeError) -> DecodedText:
    try:
        return _believable(_repaired(content, encoding), content)
    except InvalidRequest:
        raise InvalidRequest(f"The file is not {encoding}: byte {error.start}", field="body") from error


def _believable(found: DecodedText, content: bytes) -> DecodedText:
    if found.text.count(BROKEN_CHARACTER) > _MOST_BROKEN * len(content):
        words = "The file is neither UTF-8, UTF-16 nor Shift_JIS (CP932)"
        raise InvalidRequest(f"{words}, EUC-JP or ISO-2022-JP", field="body")
    return found
