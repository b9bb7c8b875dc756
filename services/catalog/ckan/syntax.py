"""`q` and `fq`: the part of Solr's query syntax that CKAN's clients use.

query   := all (('OR' | '||') all)*
all     := one (('AND' | '&&')? one)*
one     := ('-' | '!' | '+' | 'NOT')? (group | field | text)
group   := '(' query ')'
field   := name ':' ('(' query ')' | range | text)          within the group, text is a value of the field
range   := ('[' | '{') end 'TO' end (']' | '}')             of metadata_created, metadata_modified; braces: open
end     := '*' | an instant (`date_math`)
text    := quoted | bare                                    '*' alone: any; '*' at a value's end: begins with;
                                                            '*' before a title's or a description's value: contains
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.catalog.ckan import lexer
from services.catalog.ckan.date_math import instant_of
from services.catalog.ckan.errors import SearchQueryError
from services.catalog.ckan.fields import condition_of, is_field, is_moment, is_searched, moment_of
from services.catalog.ckan.lexer import END, Kind, Word
from services.catalog.domain.query import AllOf, AnyOf, Between, Condition, Not, Words
from services.kernel.clock import finite

_DEEPEST = 20
_MOST_CONDITIONS = 200
_NEGATIONS = ("-", "!")
_LOCAL_PARAMETERS = "{!"
_OR, _AND = ("OR", "||"), ("AND", "&&")
_INSTANT = timedelta(microseconds=1)


def parse(query: str, now: datetime, *, fields_only: bool) -> Condition:
    """Return a query as a tree; `fields_only` refuses unknown fields, else they are words. Raises SearchQueryError."""
    if query.lstrip().startswith(_LOCAL_PARAMETERS):
        raise SearchQueryError("local parameters ({!…}) are not supported")
    return _Parser(lexer.split(query), now, fields_only=fields_only).whole()


@dataclass
class _Parser:
    words: list[Word]
    now: datetime
    fields_only: bool
    position: int = 0
    depth: int = 0
    count: int = 0

    def whole(self) -> Condition:
        if not self.words:
            return AllOf()
        condition = self._query(None)
        if self._here() is not END:
            raise SearchQueryError(f"'{self._here().text}' is not expected")
        return condition

    def _here(self) -> Word:
        return self.words[self.position] if self.position < len(self.words) else END

    def _take(self) -> Word:
        word = self._here()
        self.position += 1
        return word

    def _is_mark(self, text: str) -> bool:
        return self._here() == Word(Kind.MARK, text)

    def _is_operator(self, texts: tuple[str, str]) -> bool:
        return self._here().kind is Kind.BARE and self._here().text in texts

    def _expect(self, text: str) -> None:
        if self._take() != Word(Kind.MARK, text):
            raise SearchQueryError(f"'{text}' is missing")

    def _query(self, field: str | None) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise SearchQueryError(f"parentheses are nested deeper than {_DEEPEST}")
        choices = [self._all(field)]
        while self._is_operator(_OR):
            self._take()
            choices.append(self._all(field))
        self.depth -= 1
        return choices[0] if len(choices) == 1 else AnyOf(tuple(choices))

    def _all(self, field: str | None) -> Condition:
        conditions = [self._one(field)]
        while not (self._here() is END or self._is_mark(")") or self._is_operator(_OR)):
            if self._is_operator(_AND):
                self._take()
            conditions.append(self._one(field))
        return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))

    def _one(self, field: str | None) -> Condition:
        self.count += 1
        if self.count > _MOST_CONDITIONS:
            raise SearchQueryError(f"the query has more than {_MOST_CONDITIONS} conditions")
        word = self._take()
        if word == Word(Kind.BARE, "NOT") or (word.kind is Kind.BARE and word.text in _NEGATIONS):
            return Not(self._one(field))
        if word == Word(Kind.BARE, "+"):
            return self._one(field)
        if word == Word(Kind.MARK, "("):
            condition = self._query(field)
            self._expect(")")
            return condition
        if word.kind is Kind.FIELD:
            return self._field(word, field)
        return self._text(word, field)

    def _field(self, word: Word, outer: str | None) -> Condition:
        name = word.text.lstrip("-+!")
        if not is_field(name):
            return self._unknown_field(word, outer)
        if self._is_mark("("):
            self._take()
            condition = self._query(name)
            self._expect(")")
        elif self._is_mark("[") or self._is_mark("{"):
            condition = self._range(name)
        else:
            condition = self._value(self._take(), name)
        return Not(condition) if word.text.startswith(_NEGATIONS) else condition

    def _unknown_field(self, word: Word, outer: str | None) -> Condition:
        if self.fields_only and outer is None:
            raise SearchQueryError(f"field '{word.text.lstrip('-+!')}' is unknown")
        rest = self._take().text if self._here().kind in (Kind.BARE, Kind.QUOTED) else ""
        return self._text(Word(Kind.BARE, f"{word.text}:{rest}"), outer)

    def _text(self, word: Word, field: str | None) -> Condition:
        if field is not None:
            return self._value(word, field)
        if word.kind is Kind.MARK and word.text in "{}" and not self.fields_only:
            return AllOf()
        if word.kind not in (Kind.BARE, Kind.QUOTED):
            raise SearchQueryError(f"'{word.text}' is not expected" if word.text else "the query ends too early")
        if word.kind is Kind.QUOTED:
            return Words(word.text)
        if word.text.startswith("+"):
            return Words(lexer.plain(word.text[1:]))
        if word.text.startswith(_NEGATIONS):
            return Not(Words(lexer.plain(word.text[1:])))
        if word.text in ("*", "*:*"):
            return AllOf()
        return Words(lexer.plain(word.text).strip("*~"))

    def _value(self, word: Word, field: str) -> Condition:
        if word.kind is Kind.QUOTED:
            return condition_of(field, word.text)
        if word.kind is not Kind.BARE:
            raise SearchQueryError(f"field '{field}' has no value")
        if word.text == "*":
            return condition_of(field, None)
        text = lexer.plain(word.text)
        if text.startswith("*"):
            if not is_searched(field):
                raise SearchQueryError(f"a value of field '{field}' cannot begin with '*'")
            text = text.lstrip("*")
        return condition_of(field, text.removesuffix("*"), is_prefix=text.endswith("*"))

    def _range(self, field: str) -> Condition:
        opening = self._take()
        if not is_moment(field):
            raise SearchQueryError(f"field '{field}' has no ranges")
        first, between, last, closing = self._take(), self._take(), self._take(), self._take()
        if between != Word(Kind.BARE, "TO") or closing.kind is not Kind.MARK or closing.text not in "]}":
            raise SearchQueryError("a range must be [… TO …]")
        start, end = self._instant(first), self._instant(last)
        if start is not None and opening.text == "{":
            start = finite(start + _INSTANT)
        if end is not None and closing.text == "}":
            end = finite(end - _INSTANT)
        return Between(moment_of(field), start, end)

    def _instant(self, word: Word) -> datetime | None:
        if word.text == "*":
            return None
        try:
            return instant_of(lexer.plain(word.text), self.now)
        except ValueError as error:
            raise SearchQueryError(f"'{word.text}' is not a date-time") from error
