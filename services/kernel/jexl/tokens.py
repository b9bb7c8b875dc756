"""The words of a JEXL expression."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.kernel.jexl.tree import Fault

LONGEST: Final = 8192
_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d][\w$]*|\$[\w$]*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<symbol>==|!=|>=|<=|&&|\|\||//|[-+*/%^<>!?:.,|()\[\]{}])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\([\\'\"])")


class Kind(Enum):
    """What a word is."""

    NUMBER = "number"
    NAME = "name"
    TEXT = "text"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """A word; of a text what stands between the quotes, where a backslash escapes quotes and backslashes alone."""

    kind: Kind
    text: str


def tokens_of(expression: str) -> list[Token]:
    """Split an expression into its words. Raises Fault."""
    if len(expression) > LONGEST:
        raise Fault(f"an expression may have {LONGEST} characters")
    tokens: list[Token] = []
    at, end = 0, len(expression.rstrip())
    while at < end:
        found = _TOKEN.match(expression, at)
        if found is None or found.lastgroup is None:
            raise Fault(f"a character at position {at + 1} does not belong here")
        kind, text = Kind(found.lastgroup), found[found.lastgroup]
        tokens.append(Token(kind, _ESCAPE.sub(r"\1", text[1:-1]) if kind is Kind.TEXT else text))
        at = found.end()
    return tokens
