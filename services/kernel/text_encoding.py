"""Which encoding a file of text has: those that Japanese offices save in."""

import codecs
from collections.abc import Iterable
from typing import Final

from services.kernel.japanese import reads_as_japanese

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPES: Final = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$(")
_JIS: Final = ("iso2022_jp", "iso2022_jp_ext")
_JAPANESE: Final = ("cp932", "euc_jp", "shift_jis_2004", "euc_jis_2004")
_LOOK_AT: Final = 200_000
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
}


def charset_of(encoding: str) -> str | None:
    """Return what media types call an encoding (IANA's character sets), None where they have no name for it."""
    return _CHARSETS.get(encoding)


def detect(content: bytes) -> str | None:
    """Return the encoding of text in Python's words (`utf-8`, `utf-8-sig`, `utf-16`, `cp932`, …), None for other files.

    Among CP932, EUC-JP and their forms for JIS X 0213 decides which reads the text with the fewest halfwidth kana:
    tables hardly have them, and EUC-JP read as CP932 is full of them. A text that reads as one of these and is then
    hardly Japanese, as one in a Chinese or European encoding, is another file too.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _first_that_reads(content, [name])
    sample = content[:2000]
    if len(sample) > 1 and sample.count(0) > len(sample) // 8:
        name = "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
        return _first_that_reads(content, [name]) if _is_text(content[:4000].decode(name, "ignore")) else None
    if b"\0" in content:
        return None
    if any(sign in sample for sign in _ESCAPES):
        return _first_that_reads(content, _JIS)
    return _first_that_reads(content, ["utf-8"]) or _japanese(content)


def _japanese(content: bytes) -> str | None:
    starts = {name: content[:_LOOK_AT].decode(name, "ignore") for name in _JAPANESE if _reads(content, name)}
    fitting = [name for name, start in starts.items() if reads_as_japanese(start)]
    return min(fitting, key=lambda name: _halfwidth_kana(starts[name]), default=None)


def _first_that_reads(content: bytes, names: Iterable[str]) -> str | None:
    return next((name for name in names if _reads(content, name)), None)


def _reads(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _is_text(text: str) -> bool:
    return not any(sign < " " and sign not in "\t\r\n" for sign in text)


def _halfwidth_kana(text: str) -> int:
    return sum("\uff61" <= sign <= "\uff9f" for sign in text)
