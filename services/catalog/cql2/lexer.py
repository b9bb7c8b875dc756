"""Words of a filter in the text encoding (annex B, the rules of literals and identifiers)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.cql2.tree import refuse_unreadable, wrong

_WORD = re.compile(
    r"""
    (?P<name>(?:[^\W\d]|:)[\w.:]*)
    | "(?P<quoted>[^"]+)"
    | '(?P<text>(?:[^'\\]|''|\\.)*)'
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<sign><>|<=|>=|[<>=(),])
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"\s*")


class Kind(StrEnum):
    """What a word is."""

    NAME = "name"
    QUOTED = "quoted"
    TEXT = "text"
    NUMBER = "number"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a filter, of a text what it means, and where it starts and ends."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def place(self) -> str:
        """Where it is, counted from 1."""
        return f"character {self.start + 1}"

    def says(self, *expected: str) -> bool:
        """Tell whether it is one of some keywords or signs, in whatever case."""
        return self.kind in (Kind.NAME, Kind.SIGN) and self.text.casefold() in expected


def split(filter_text: str) -> list[Word]:
    """Return the words of a filter, and one for its end. Raises InvalidRequest."""
    refuse_unreadable(filter_text)
    words: list[Word] = []
    position = _blanks(filter_text, 0)
    while position < len(filter_text):
        found = _WORD.match(filter_text, position)
        if found is None or found.lastgroup is None:
            raise wrong(_unread(filter_text[position]), f"character {position + 1}")
        kind = Kind(found.lastgroup)
        written = found[kind]
        meant = written.replace("''", "'").replace("\\'", "'") if kind is Kind.TEXT else written
        words.append(Word(kind, meant, position, found.end()))
        position = _blanks(filter_text, found.end())
    return [*words, Word(Kind.END, "", position, position)]


def _blanks(filter_text: str, position: int) -> int:
    found = _BLANK.match(filter_text, position)
    return found.end() if found else position


def _unread(character: str) -> str:
    return "a quotation mark is not closed" if character in "'\"" else f"{character} is not expected"
