"""The text encoding (annex B).

either     := both ('OR' both)*
both       := factor ('AND' factor)*
factor     := ['NOT'] ('(' either ')' | predicate)
predicate  := operand [comparison]
comparison := ('=' | '<>' | '<' | '>' | '<=' | '>=') operand | 'IS' ['NOT'] 'NULL'
            | ['NOT'] ('LIKE' operand | 'BETWEEN' operand 'AND' operand | 'IN' '(' operand (',' operand)* ')')
operand    := text | number | 'TRUE' | 'FALSE' | property | instant | interval | box | geometry
            | name '(' [operand (',' operand)*] ')'
"""

from typing import Final

from services.catalog.cql2 import literals
from services.catalog.cql2.axes import Axes
from services.catalog.cql2.lexer import Kind, Word, split
from services.catalog.cql2.tree import Literal, Node, Property, Reading, wrong

_SIGNS: Final = ("=", "<>", "<", ">", "<=", ">=")
_RESERVED: Final = frozenset({"and", "or", "not", "like", "between", "in", "is", "null"})


def read_text(filter_text: str, axes: Axes) -> Node:
    """Read a filter. Raises InvalidRequest, which names the character."""
    parser = _Parser(filter_text, axes)
    found = parser.either()
    parser.finish()
    return found


class _Parser:
    def __init__(self, filter_text: str, axes: Axes) -> None:
        self._filter_text = filter_text
        self._words = split(filter_text)
        self._at = 0
        self._reading = Reading(axes)

    @property
    def _word(self) -> Word:
        return self._words[self._at]

    def _next(self) -> Word:
        word = self._word
        self._at += word.kind is not Kind.END
        return word

    def _take(self, *expected: str) -> bool:
        is_next = self._word.says(*expected)
        self._at += is_next
        return is_next

    def _need(self, expected: str) -> None:
        if not self._take(expected):
            raise wrong(f"{expected} is missing", self._word.place)

    def finish(self) -> None:
        """Raise InvalidRequest where something is left."""
        if self._word.kind is not Kind.END:
            raise wrong(f"{self._word.text:.40} is not expected", self._word.place)

    def either(self) -> Node:
        """Read alternatives."""
        with self._reading.nested(self._word.place):
            place, found = self._word.place, [self._both()]
            while self._take("or"):
                found.append(self._both())
            return found[0] if len(found) == 1 else self._reading.call("or", tuple(found), place)

    def _both(self) -> Node:
        place, found = self._word.place, [self._factor()]
        while self._take("and"):
            found.append(self._factor())
        return found[0] if len(found) == 1 else self._reading.call("and", tuple(found), place)

    def _factor(self) -> Node:
        place = self._word.place
        if self._take("not"):
            return self._reading.call("not", (self._primary(),), place)
        return self._primary()

    def _primary(self) -> Node:
        if self._take("("):
            found = self.either()
            self._need(")")
            return found
        return self._compared(self._operand())

    def _compared(self, left: Node) -> Node:
        place = self._word.place
        if self._word.says(*_SIGNS):
            return self._reading.call(self._next().text, (left, self._operand()), place)
        if self._take("is"):
            is_negated = self._take("not")
            self._need("null")
            found: Node = self._reading.call("isnull", (left,), place)
        else:
            is_negated = self._take("not")
            if not self._word.says("like", "between", "in"):
                if is_negated:
                    raise wrong("like, between or in is missing", self._word.place)
                return left
            found = self._reading.call(self._next().text.casefold(), (left, *self._compared_with()), place)
        return self._reading.call("not", (found,), place) if is_negated else found

    def _compared_with(self) -> tuple[Node, ...]:
        """Read what follows LIKE, BETWEEN or IN, the word before."""
        before = self._words[self._at - 1]
        if before.says("in"):
            self._need("(")
            return self._operands()
        first = self._operand()
        if before.says("like"):
            return (first,)
        self._need("and")
        return first, self._operand()

    def _operands(self) -> tuple[Node, ...]:
        """Read operands up to the closing parenthesis."""
        if self._take(")"):
            return ()
        found = [self._operand()]
        while self._take(","):
            found.append(self._operand())
        self._need(")")
        return tuple(found)

    def _operand(self) -> Node:
        word = self._next()
        match word.kind:
            case Kind.TEXT:
                return Literal(word.text, word.place)
            case Kind.NUMBER:
                return Literal(float(word.text), word.place)
            case Kind.QUOTED:
                return Property(word.text, word.place)
            case Kind.NAME if word.text.casefold() not in _RESERVED:
                return self._named(word)
            case Kind.END:
                raise wrong("a value is missing", word.place)
            case _:
                raise wrong(f"{word.text} is not expected", word.place)

    def _named(self, word: Word) -> Node:
        name = word.text.casefold()
        if name in ("true", "false"):
            return Literal(name == "true", word.place)
        if name in literals.SHAPES and self._word.says("(", "z"):
            return literals.written_shape(self._balanced(word), self._reading.axes, word.place)
        if not self._take("("):
            return Property(word.text, word.place)
        with self._reading.nested(word.place):
            return self._made(name, self._operands(), word.place)

    def _made(self, name: str, operands: tuple[Node, ...], place: str) -> Node:
        """Return what a name with parentheses is: a value, or a function of others."""
        match name, operands:
            case "date", (Literal(value=str(text)),):
                return literals.day(text, place)
            case "timestamp", (Literal(value=str(text)),):
                return literals.instant(text, place)
            case "bbox", _:
                return literals.box([_number(each) for each in operands], self._reading.axes, place)
            case "interval", _:
                return literals.interval([_end(each) for each in operands], place)
            case _:
                return self._reading.call(name, operands, place)

    def _balanced(self, word: Word) -> str:
        """Pass all up to the parenthesis that closes, and return it as it is written."""
        depth, last = 0, word
        while depth or last is word or last.says("z"):
            last = self._next()
            if last.kind is Kind.END:
                raise wrong(") is missing", last.place)
            depth += last.says("(") - last.says(")")
        return self._filter_text[word.start : last.end]


def _number(node: Node) -> float:
    """Return a side of a box. Raises InvalidRequest."""
    if isinstance(node, Literal) and isinstance(node.value, float):
        return node.value
    raise wrong("a box has numbers", node.place)


def _end(node: Node) -> str | Property:
    """Return an end of an interval. Raises InvalidRequest."""
    if isinstance(node, Property):
        return node
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    raise wrong("an interval ends with a date, a timestamp, '..' or a property", node.place)
