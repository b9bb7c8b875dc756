"""The tree of a JEXL expression. Frozen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


class Fault(ValueError):
    """The expression is not one, or has no value"""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, true, false or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A value of the surroundings, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object or an item of a list, by what `key` evaluates to."""

    subject: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the item that a filter looks at."""

    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list for which a test over their members (`.name`) holds."""

    subject: "Node"
    test: "Node"


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object."""

    pairs: "tuple[tuple[str, Node], ...]"


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-` before a value."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values and the operator between them."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? then : otherwise`; without `then` the test's value."""

    test: "Node"
    then: "Node | None"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Transform:
    """`subject|name(arguments)`."""

    subject: "Node"
    name: str
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Literal | Name | Relative | Member | Filter | Items | Pairs | Unary | Binary | Choice | Transform


def words_in(node: Node) -> frozenset[str]:
    """Return the names, and the texts that may name members, in an expression."""
    return frozenset(_words(node))


def _words(node: Node) -> Iterator[str]:
    match node:
        case Name(name):
            yield name
        case Literal(str() as text):
            yield text
    for part in _parts(node):
        yield from _words(part)


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Literal() | Name() | Relative():
            return ()
        case Filter(first, second) | Member(first, second):
            return first, second
        case Items(items):
            return items
        case Pairs(pairs):
            return tuple(value for _, value in pairs)
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
        case Choice(test, then, otherwise):
            return (test, otherwise) if then is None else (test, then, otherwise)
        case Transform(subject, _, arguments):
            return subject, *arguments


def names_in(node: Node) -> frozenset[str]:
    """Return the names of the surroundings in an expression."""
    own = {node.name} if isinstance(node, Name) else set()
    return frozenset(own.union(*(names_in(part) for part in _parts(node))))


def is_relative(node: Node) -> bool:
    """Tell whether an expression looks at the items of a list that stands outside it."""
    if isinstance(node, Relative):
        return True
    parts = (node.subject,) if isinstance(node, Filter) else _parts(node)
    return any(map(is_relative, parts))
