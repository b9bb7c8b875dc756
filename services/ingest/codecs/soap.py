"""XML as a value: what the IoT agents make of SOAP messages (`application/soap+xml`).

An element is the object of what is inside it, lists by name without prefix; its attributes are `$`, text beside other
things is `_`, and an element that has nothing but text is that text.
"""

from typing import Any
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from services.ingest.domain.refusal import MeasureRefused, Reason

_DEEPEST = 200


def read_soap(payload: bytes) -> dict[str, Any]:
    """Return a document as `{"Envelope": {"Body": [{…}]}}`. Raises MeasureRefused; a declared type is refused too."""
    tree = _Tree()
    parser = ParserCreate()
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = _refuse_type
    try:
        parser.Parse(payload, True)  # that is all of it
    except ExpatError as error:
        raise _malformed(f"{ErrorString(error.code)} in line {error.lineno}") from error
    except (ValueError, LookupError) as error:
        raise _malformed(str(error)) from error
    return tree.root


class _Tree:
    """What is open of a document, and what is inside."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise MeasureRefused(Reason.TOO_DEEP, f"The document is nested deeper than {_DEEPEST}")
        shown = {_local(key): value for key, value in attributes.items()}
        self._open.append((_local(name), {"$": shown} if shown else {}, []))

    def text(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _: str) -> None:
        name, inside, texts = self._open.pop()
        text = "".join(texts)
        if text.strip() and inside:
            inside["_"] = text
        value: Any = inside or (text if text.strip() else "")
        if self._open:
            self._open[-1][1].setdefault(name, []).append(value)
        else:
            self.root[name] = value


def _local(name: str) -> str:
    """Return a name without its prefix; declarations of namespaces keep theirs."""
    return name if name.startswith("xmlns") else name.rpartition(":")[2]


def _refuse_type(*_: object) -> None:
    raise _malformed("it declares a document type")


def _malformed(words: str) -> MeasureRefused:
    return MeasureRefused(Reason.MALFORMED_XML, f"The payload is not SOAP: {words}")
