r"""Words of a Lucene-like query.

word   := quoted | mark | bare
quoted := '"' (any but '"' and '\' | '\' any)* '"'
mark   := '(' | ')' | '[' | ']' | '{' | '}'
weight := '^' number | '~' number?                             after a word or ')'; left out, since nothing goes by it
bare   := (any but white space, marks and '"' | '\' any)+        up to and with a ':' that follows a field's name
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.ckan.errors import SearchQueryError

LONGEST_QUERY = 4000
_FIELD = re.compile(r"[-+!]?[A-Za-z_][A-Za-z0-9_.]*:")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r'(?:[^\s()\[\]{}"\\]|\\.)+', re.DOTALL)
_WEIGHT = re.compile(r"(?:\^\d+(?:\.\d+)?|~(?:\d+(?:\.\d+)?)?)*")
_WEIGHED = re.compile(r"(?<=[^\\^~])(?:\^\d+(?:\.\d+)?|~(?:\d+(?:\.\d+)?)?)+\Z")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Kind(StrEnum):
    """What a word is."""

    FIELD = "field"
    QUOTED = "quoted"
    BARE = "bare"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query; of a field without its colon, of a quoted one without its quotes."""

    kind: Kind
    text: str


END = Word(Kind.END, "")


def split(query: str) -> list[Word]:
    """Return the words of a query. Raises SearchQueryError."""
    if len(query) > LONGEST_QUERY:
        raise SearchQueryError(f"the query is longer than {LONGEST_QUERY} characters")
    words, position = [], 0
    while position < len(query):
        if query[position].isspace():
            position += 1
            continue
        word, position = _next(query, position)
        words.append(word)
    return words


def _next(query: str, position: int) -> tuple[Word, int]:
    if query[position] == ")":
        return Word(Kind.MARK, ")"), _after_weight(query, position + 1)
    if query[position] in "([]{}":
        return Word(Kind.MARK, query[position]), position + 1
    if query[position] == '"':
        quoted = _QUOTED.match(query, position)
        if quoted is None:
            raise SearchQueryError("a quotation mark is not closed")
        return Word(Kind.QUOTED, plain(quoted[1])), _after_weight(query, quoted.end())
    field = _FIELD.match(query, position)
    if field is not None:
        return Word(Kind.FIELD, field[0][:-1]), field.end()
    bare = _BARE.match(query, position)
    if bare is None:
        raise SearchQueryError("a backslash stands at the end")
    return Word(Kind.BARE, _WEIGHED.sub("", bare[0])), bare.end()


def _after_weight(query: str, position: int) -> int:
    weight = _WEIGHT.match(query, position)
    return weight.end() if weight else position


def plain(text: str) -> str:
    """Return a word without its backslashes."""
    return _ESCAPED.sub(r"\1", text)
