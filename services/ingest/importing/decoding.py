"""The bytes of a text file as text, whichever of Japan's usual encodings they have."""

import codecs
from dataclasses import dataclass

from services.kernel.errors import InvalidRequest
from services.kernel.japanese import reads_as_japanese
from services.kernel.text_encoding import detect

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
_UNKNOWN = (
    "The file is neither UTF-8, UTF-16 nor Japanese in Shift_JIS (CP932), EUC-JP or ISO-2022-JP: "
    "say with `encoding` which it is, as big5, gb18030, euc_kr or cp1252"
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, and the encoding it had. What could not be decoded, at most one in a hundred bytes, is U+FFFD in it."""

    text: str
    encoding: str


def decode(content: bytes, encoding: str | None = None) -> DecodedText:
    """Decode UTF-8 or UTF-16 (with a byte order mark or without), CP932, EUC-JP, ISO-2022-JP or JIS X 0213's forms.

    `encoding` says which, where the caller knows, and any other that Python has too. Raises InvalidRequest, also
    where what was found out reads as no Japanese.
    """
    if encoding:
        return _decode_as(content, _known(encoding))
    found = detect(content)
    return _most_believable(content) if found is None else _decode_as(content, _without_mark(found, content))


def _without_mark(encoding: str, content: bytes) -> str:
    """Return the encoding that is reported: a byte order mark tells no other one."""
    if encoding == "utf-16":
        return "utf-16-le" if content.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    return encoding.removesuffix("-sig")


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding.strip()).name.replace("-", "_")
    except (LookupError, ValueError):
        raise InvalidRequest(f"{encoding:.50} is no encoding", field="encoding") from None
    return _NAMES.get(name, name)


def _decode_as(content: bytes, encoding: str) -> DecodedText:
    try:
        return DecodedText(content.decode(encoding).lstrip("\ufeff"), encoding)
    except UnicodeDecodeError as error:
        return _damaged(content, encoding, error)
    except LookupError:
        raise InvalidRequest(f"{encoding} is no encoding of texts", field="encoding") from None


def _most_believable(content: bytes) -> DecodedText:
    found = [_repaired(content, name) for name in ("utf-8", "cp932")]
    best = min(found, key=lambda each: each.text.count(BROKEN_CHARACTER))
    if not reads_as_japanese(best.text):
        raise InvalidRequest(_UNKNOWN, field="encoding")
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
        raise InvalidRequest(_UNKNOWN, field="body")
    return found
