"""N-Triples as they are said: a graph that keeps no graph, for streams of any length (W3C N-Triples, 7)."""

import re
from collections.abc import Generator
from functools import lru_cache
from typing import Any

from rdflib import Graph, Literal
from rdflib.term import Node

from services.catalog.dcat.vocabulary import RDF

_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


class Lines(Graph):
    """Takes statements and writes each once, in the order in which they come; of a part, not of the whole.

    It answers only what the writers ask: whether a subject has a predicate, and which subjects are of a class.
    """

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")
        self._lines: dict[str, None] = {}
        self._said: set[str] = set()
        self._of_class: dict[str, dict[Node, None]] = {}

    def add(self, triple: Any) -> "Lines":
        """Write a statement."""
        subject, predicate, value = triple
        verb, told = _verb(predicate), _term(value)
        said = f"{_iri(subject)} {verb} "
        line = f"{said}{told} .\n"
        if line not in self._lines:
            self._lines[line] = None
            self._said.add(said)
            if verb == _TYPE:
                self._of_class.setdefault(told, {})[subject] = None
        return self

    def __contains__(self, triple: Any) -> bool:
        """Tell whether a subject has a predicate, whatever its value."""
        return f"{_iri(triple[0])} {_verb(triple[1])} " in self._said

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Generator[Node, None, None]:  # noqa: A002, FBT001, FBT002  # as the library has it
        """Yield the subjects of a class."""
        yield from tuple(self._of_class.get(_term(object), ()))

    def written(self) -> bytes:
        """Return all that was said, in UTF-8."""
        return "".join(self._lines).encode()


def _term(value: Node) -> str:
    if type(value) is not Literal:
        return _iri(value)
    quoted = f'"{str(value).translate(_ESCAPES)}"'
    if value.language:
        return f"{quoted}@{value.language}"
    return f"{quoted}^^<{value.datatype}>" if value.datatype else quoted


def _iri(value: Node) -> str:
    text = str(value)
    if _FORBIDDEN.search(text):
        text = _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04X}", text)
    return f"<{text}>"


@lru_cache(maxsize=512)
def _verb(predicate: Node) -> str:
    """Write a predicate, of which there are few."""
    return _iri(predicate)


_TYPE = _verb(RDF.type)
