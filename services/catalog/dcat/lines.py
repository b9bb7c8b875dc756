"""N-Triples as they are said: a graph that keeps no graph, for streams of any length (W3C N-Triples, 7)."""

from collections.abc import Generator
from functools import lru_cache
from typing import Any

from rdflib import Graph, Literal
from rdflib.term import Node

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


class Lines(Graph):
    """Takes statements and writes each once, in the order in which they come; of a part, not of the whole.

    It answers only what the writers ask: whether a subject has a predicate, and which subjects are of a class.
    """

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")
        self._lines: dict[str, None] = {}
        self._said: set[tuple[Node, Node]] = set()
        self._subjects: dict[tuple[Node, Node], dict[Node, None]] = {}

    def add(self, triple: Any) -> "Lines":
        """Write a statement."""
        subject, predicate, value = triple
        line = f"{_iri(subject)} {_iri(predicate)} {_term(value)} .\n"
        if line not in self._lines:
            self._lines[line] = None
            self._said.add((subject, predicate))
            if not isinstance(value, Literal):
                self._subjects.setdefault((predicate, value), {})[subject] = None
        return self

    def __contains__(self, triple: Any) -> bool:
        """Tell whether a subject has a predicate, whatever its value."""
        return (triple[0], triple[1]) in self._said

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Generator[Node, None, None]:  # noqa: A002, FBT001, FBT002  # as the library has it
        """Yield the subjects of which a statement was said."""
        yield from tuple(self._subjects.get((predicate, object), ()))

    def written(self) -> bytes:
        """Return all that was said, in UTF-8."""
        return "".join(self._lines).encode()


def _term(value: Node) -> str:
    if not isinstance(value, Literal):
        return _iri(value)
    quoted = f'"{str(value).translate(_ESCAPES)}"'
    if value.language:
        return f"{quoted}@{value.language}"
    return f"{quoted}^^<{value.datatype}>" if value.datatype else quoted


@lru_cache(maxsize=4096)
def _iri(value: Node) -> str:
    text = str(value)
    if not _FORBIDDEN.isdisjoint(text):
        text = "".join(f"\\u{ord(each):04X}" if each in _FORBIDDEN else each for each in text)
    return f"<{text}>"


_FORBIDDEN = frozenset('<>"{}|^`\\') | frozenset(map(chr, range(0x21)))
