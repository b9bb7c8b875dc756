"""JEXL expressions read into their tree.

expression = binary [ "?" [ expression ] ":" expression ]
binary     = unary *( operator unary )
operator   = "||" / "&&"                                         ; bind weakest
           / "==" / "!=" / "<" / ">" / "<=" / ">=" / "in"
           / "+" / "-"
           / "*" / "/" / "//"
           / "%" / "^"                                           ; bind strongest; all from left to right
unary      = *( "!" / "-" ) postfix
postfix    = primary *( "." name / "[" expression "]" / "|" name [ "(" [ expression *( "," expression ) ] ")" ] )
primary    = number / text / "true" / "false" / "null" / name / "." name / "(" expression ")"
           / "[" [ expression *( "," expression ) ] "]"
           / "{" [ key ":" expression *( "," key ":" expression ) ] "}"
key        = name / text

A test with `.name` between the brackets after a list chooses its items: `rows[.kind == 'a']`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from services.kernel.jexl.tokens import Kind, Token, tokens_of
from services.kernel.jexl.tree import (
    Binary,
    Choice,
    Fault,
    Filter,
    Items,
    Literal,
    Member,
    Name,
    Node,
    Pairs,
    Relative,
    Transform,
    Unary,
    is_relative,
)

_STRENGTHS: Final = {
    **dict.fromkeys(("||", "&&"), 1),
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">=", "in"), 2),
    **dict.fromkeys(("+", "-"), 3),
    **dict.fromkeys(("*", "/", "//"), 4),
    **dict.fromkeys(("%", "^"), 5),
}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 30
_LONGEST_CHAIN: Final = 100
_END: Final = Token(Kind.SYMBOL, "")


@lru_cache(maxsize=4096)
def parse(expression: str) -> Node:
    """Read an expression. Raises Fault."""
    return _Parser(tokens_of(expression)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression()
        if self._at < len(self._tokens):
            raise Fault(f"'{self._peek().text}' does not belong here")
        return node

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self, symbol: str) -> bool:
        found = self._peek()
        if found.kind is Kind.SYMBOL and found.text == symbol:
            self._at += 1
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise Fault(f"'{symbol}' is missing")

    def _word(self, *kinds: Kind) -> str:
        found = self._peek()
        if found.kind not in kinds:
            raise Fault("a name is missing")
        self._at += 1
        return found.text

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Fault(f"an expression may be nested {_DEEPEST} deep")
        yield
        self._depth -= 1

    def _expression(self) -> Node:
        with self._deeper():
            test = self._binary(1)
            if not self._take("?"):
                return test
            then = None if self._peek() == Token(Kind.SYMBOL, ":") else self._expression()
            self._expect(":")
            return Choice(test, then, self._expression())

    def _binary(self, weakest: int) -> Node:
        left = self._unary()
        for _ in range(_LONGEST_CHAIN):
            token = self._peek()
            strength = 0 if token.kind in (Kind.TEXT, Kind.NUMBER) else _STRENGTHS.get(token.text, 0)
            if strength < weakest:
                return left
            self._at += 1
            left = Binary(token.text, left, self._binary(strength + 1))
        raise Fault(f"an expression may have {_LONGEST_CHAIN} operators in a row")

    def _unary(self) -> Node:
        for operator in ("!", "-"):
            if self._take(operator):
                with self._deeper():
                    return Unary(operator, self._unary())
        return self._postfix()

    def _postfix(self) -> Node:
        node = self._primary()
        for _ in range(_LONGEST_CHAIN):
            if self._take("."):
                node = Member(node, Literal(self._word(Kind.NAME)))
            elif self._take("["):
                inside = self._expression()
                node = Filter(node, inside) if is_relative(inside) else Member(node, inside)
                self._expect("]")
            elif self._take("|"):
                name = self._word(Kind.NAME)
                node = Transform(node, name, self._listed(")") if self._take("(") else ())
            else:
                return node
        raise Fault(f"an expression may have {_LONGEST_CHAIN} steps in a row")

    def _primary(self) -> Node:
        token = self._peek()
        self._at += 1
        match token:
            case Token(Kind.NUMBER, text):
                return Literal(int(text) if text.isdigit() and len(text) < 16 else float(text))
            case Token(Kind.TEXT, text):
                return Literal(text)
            case Token(Kind.NAME, text):
                return Literal(_CONSTANTS[text]) if text in _CONSTANTS else Name(text)
            case Token(Kind.SYMBOL, "."):
                return Relative(self._word(Kind.NAME))
            case Token(_, "("):
                node = self._expression()
                self._expect(")")
                return node
            case Token(_, "["):
                return Items(self._listed("]"))
            case Token(_, "{"):
                return Pairs(self._pairs())
            case _:
                raise Fault("a value is missing")

    def _listed(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        if self._take(end):
            return ()
        while True:
            found.append(self._expression())
            if not self._take(","):
                self._expect(end)
                return tuple(found)

    def _pairs(self) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        if self._take("}"):
            return ()
        while True:
            key = self._word(Kind.NAME, Kind.TEXT)
            self._expect(":")
            found.append((key, self._expression()))
            if not self._take(","):
                self._expect("}")
                return tuple(found)
