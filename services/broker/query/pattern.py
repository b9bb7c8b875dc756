r"""Patterns of clients: regular expressions that PostgreSQL and Python decide alike, in linear time.

POSIX extended regular expressions (NGSI-LD 4.9; Orion, regular expressions) with the escapes everyone writes. They are
parsed and written anew, so that what is left means the same to PostgreSQL's engine and to RE2, independently of any
locale; neither of the two backtracks.

    pattern  = branch *( "|" branch )
    branch   = *( atom [ repeat ] )
    repeat   = ( "*" / "+" / "?" / "{" m [ "," [ n ] ] "}" ) [ "?" ]       ; m <= n <= 255
    atom     = "(" [ "?:" ] pattern ")" / "[" [ "^" ] items "]" / "." / "^" / "$" / escape / character
    escape   = "\" ( "d" / "D" / "w" / "W" / "s" / "S" / "n" / "t" / "r" / "f" / "v" / "u" 4hex / "x" 2hex / punctuation )
    items    = 1*( "[:" class ":]" / escape / character [ "-" character ] )

`.` is any character, also a line feed; `^` and `$` are the ends of the string; classes are ASCII.
"""  # noqa: E501

import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import re2

from services.kernel.errors import BadData, TooComplex

LONGEST: Final = 4096
_MOST_REPEATS: Final = 255
_HEAVIEST: Final = 4096
_DEEPEST: Final = 20
_CLASSES: Final = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-\/:-@\[-`{-~",
    "print": r" -~",
    "graph": r"!-~",
    "cntrl": "\x01-\x1f\x7f",
    "xdigit": "0-9A-Fa-f",
    "word": "A-Za-z0-9_",
}
_SETS: Final = {"d": _CLASSES["digit"], "w": _CLASSES["word"], "s": _CLASSES["space"]}
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_HEX_DIGITS: Final = {"u": 4, "x": 2}

Piece: TypeAlias = tuple[str, int]  # what is written, and its weight: the characters it stands for once unrolled


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern ready to be searched for. `text` is for PostgreSQL, `is_in` searches a string."""

    text: str
    is_in: Callable[[str], bool]


@lru_cache(maxsize=4096)
def read_pattern(text: str, parameter: str = "q") -> Pattern:
    """Read a pattern. Raises BadData where it is not one, TooComplex where it is too long or repeats too much."""
    if len(text) > LONGEST:
        raise TooComplex(f"{parameter}: a pattern may have {LONGEST} characters", field=parameter)
    canonical = _Reader(text, parameter).read()
    options = re2.Options()
    options.dot_nl = True
    options.never_capture = True
    options.log_errors = False
    compiled = re2.compile(canonical, options)
    return Pattern(canonical, lambda subject: compiled.search(subject) is not None)


def _write(character: str) -> str:
    return "\\" + character if character in string.punctuation and character != "_" else character


class _Reader:
    def __init__(self, text: str, parameter: str) -> None:
        self._text = text
        self._parameter = parameter
        self._at = 0
        self._depth = 0

    def read(self) -> str:
        written, weight = self._alternatives()
        if self._at < len(self._text):
            raise self._wrong("')' closes nothing")
        if weight > _HEAVIEST:
            raise TooComplex(f"{self._parameter}: the pattern repeats too much", field=self._parameter)
        return written or "(?:)"

    def _wrong(self, reason: str) -> BadData:
        return BadData(f"{self._parameter}: {reason} in the pattern at {self._at + 1}", field=self._parameter)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise self._wrong("something is missing")
        if character == "\x00":
            raise self._wrong("the null character is not allowed")
        self._at += 1
        return character

    def _take(self, expected: str) -> bool:
        found = self._text.startswith(expected, self._at)
        self._at += len(expected) if found else 0
        return found

    def _alternatives(self) -> Piece:
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        return "|".join(written for written, _ in branches), sum(weight for _, weight in branches)

    def _branch(self) -> Piece:
        pieces: list[Piece] = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._repeated())
        return "".join(written for written, _ in pieces), sum(weight for _, weight in pieces)

    def _repeated(self) -> Piece:
        written, weight = self._atom()
        repeat = self._repeat()
        if repeat is None:
            return written, weight
        if written in ("^", "$"):
            raise self._wrong("an anchor cannot be repeated")
        if self._repeat() is not None:
            raise self._wrong("a repetition is repeated")
        mark, times = repeat
        return written + mark, weight * times

    def _repeat(self) -> Piece | None:
        mark = self._peek()
        if mark in ("*", "+", "?") and mark:
            self._at += 1
            times = 1
        else:
            bound = self._bound()
            if bound is None:
                return None
            mark, times = bound
        self._take("?")
        return mark, times

    def _bound(self) -> Piece | None:
        end = self._text.find("}", self._at)
        inside = self._text[self._at + 1 : end] if self._peek() == "{" and end > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low.isascii() and low.isdigit()) or (high and not (high.isascii() and high.isdigit())):
            return None
        least, most = int(low), int(high or low)
        if not least <= most <= _MOST_REPEATS:
            raise self._wrong(f"a repetition goes from a number to one not less, up to {_MOST_REPEATS},")
        self._at = end + 1
        return f"{{{least}{comma}{most if high else ''}}}", max(most, 1)

    def _atom(self) -> Piece:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return self._bracket(), 1
            case "." | "^" | "$":
                return character, 1
            case "\\":
                return self._escape(), 1
            case "*" | "+" | "?":
                raise self._wrong(f"'{character}' repeats nothing")
            case _:
                return _write(character), 1

    def _group(self) -> Piece:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooComplex(f"{self._parameter}: the pattern nests too deeply", field=self._parameter)
        if not self._take("?:") and self._peek() == "?":
            raise self._wrong("groups with '?' are not supported")
        written, weight = self._alternatives()
        if not self._take(")"):
            raise self._wrong("')' is missing")
        self._depth -= 1
        return f"(?:{written})", weight

    def _escape(self) -> str:
        letter = self._peek()
        if letter.lower() in _SETS:
            self._at += 1
            return f"[{'' if letter.islower() else '^'}{_SETS[letter.lower()]}]"
        return _write(self._escaped_character())

    def _escaped_character(self) -> str:
        letter = self._next()
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter in _HEX_DIGITS:
            return self._hexadecimal(_HEX_DIGITS[letter])
        if letter.isascii() and letter.isalnum():
            raise self._wrong(f"'\\{letter}' is not supported")
        return letter

    def _hexadecimal(self, digits: int) -> str:
        text = self._text[self._at : self._at + digits]
        if len(text) != digits or not set(text) <= set(string.hexdigits):
            raise self._wrong("hexadecimal digits are missing")
        number = int(text, 16)
        if number == 0 or 0xD800 <= number <= 0xDFFF:
            raise self._wrong("there is no such character")
        self._at += digits
        return chr(number)

    def _bracket(self) -> str:
        negated = "^" if self._take("^") else ""
        items = [self._item()]
        while not self._take("]"):
            items.append(self._item())
        return f"[{negated}{''.join(items)}]"

    def _item(self) -> str:
        if self._take("[:"):
            end = self._text.find(":]", self._at)
            name = self._text[self._at : end]
            if end < 0 or name not in _CLASSES:
                raise self._wrong("there is no such class of characters")
            self._at = end + 2
            return _CLASSES[name]
        if self._text.startswith(("[.", "[="), self._at):
            raise self._wrong("collating elements are not supported")
        if self._peek() == "\\" and self._text[self._at + 1 : self._at + 2] in tuple(_SETS):
            self._at += 2
            return _SETS[self._text[self._at - 1]]
        return self._range()

    def _range(self) -> str:
        first = self._member()
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("", "]"):
            return _write(first)
        self._at += 1
        last = self._member()
        if last < first:
            raise self._wrong("a range runs backwards")
        return f"{_write(first)}-{_write(last)}"

    def _member(self) -> str:
        return self._escaped_character() if self._take("\\") else self._next()


def escape(text: str) -> str:
    """Return the pattern that matches a text and nothing else."""
    return "".join(map(_write, text))
