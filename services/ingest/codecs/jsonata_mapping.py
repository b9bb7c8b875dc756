"""Decoders in JSONata: an expression over the message gives the measure, or several.

Evaluated by jsonata-python, an interpreter in Python that runs nothing but the expression. A tenant's expression is not
trusted with time or memory: it has 0.5 s of the processor, a depth of 60, values of at most 100,000 characters or
items on the way, pictures of numbers and times of 200 characters, and patterns of RE2; what makes much of little (`..`,
`$pad`) or expressions of data (`$eval`) is refused.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import re2
from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.parser import Parser
from jsonata.regex_engine import RegexFlags
from jsonata.utils import Utils

from services.ingest.domain.expression.transformations import distinct
from services.ingest.domain.refusal import MeasureRefused, Reason
from services.kernel.jexl.bounds import LONGEST_S

_DEEPEST: Final = 60
_LARGEST: Final = 100_000
_LONGEST_TEXT: Final = 20_000
_REFUSED: Final = frozenset({"eval", "pad"})
_MOST_MEASURES: Final = 1000
_LONGEST_PICTURE: Final = 200


class JsonataMapping:
    """One expression, read once."""

    def __init__(self, text: str) -> None:
        """Read an expression. Raises ValueError naming what is wrong."""
        if len(text) > _LONGEST_TEXT:
            raise ValueError(f"decoder: jsonata has more than {_LONGEST_TEXT} characters")
        try:
            self._expression = Jsonata(text, _pattern)
        except (JException, ValueError, TypeError, IndexError, AttributeError, RecursionError, re2.error) as error:
            raise ValueError(f"decoder: jsonata is no expression: {error}") from error
        for symbol in _symbols(self._expression.ast):
            if symbol.value == ".." or (symbol.type == "variable" and symbol.value in _REFUSED):
                word = ".." if symbol.value == ".." else f"${symbol.value}"
                raise ValueError(f"decoder: jsonata must not use {word}")

    def measures(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the measures in a message. Raises MeasureRefused."""
        frame = self._expression.create_frame()
        for name, function in (*_IN_ONE_PASS.items(), *_PICTURED.items()):
            frame.bind(name, function)
        bounds = _Bounds()
        frame.set_evaluate_entry_callback(bounds.enter)
        frame.set_evaluate_exit_callback(bounds.leave)
        try:
            found = self._expression.evaluate(dict(message), frame)
        except Exception as error:  # the interpreter's functions raise whatever Python does
            raise MeasureRefused(Reason.DECODER_FAILS, f"The decoder fails: {error!s:.200}") from error
        items = found if isinstance(found, list) else [] if found is None else [found]
        if len(items) > _MOST_MEASURES or not all(isinstance(each, dict) for each in items):
            words = f"The decoder gives neither an object nor at most {_MOST_MEASURES} of them"
            raise MeasureRefused(Reason.NOT_A_MEASURE, words)
        return [each for each in map(_plain, items) if each]


class _Bounds:
    """What an evaluation has used."""

    def __init__(self) -> None:
        self._until = time.thread_time() + LONGEST_S
        self._depth = 0

    def enter(self, *_: object) -> None:
        """Note that a part of the expression begins. Raises ValueError."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"it goes deeper than {_DEEPEST}")
        if time.thread_time() > self._until:
            raise ValueError(f"it takes longer than {LONGEST_S} s")

    def leave(self, *given: object) -> None:
        """Note that a part has its value. Raises ValueError."""
        self._depth -= 1
        value = given[-1]
        if isinstance(value, str | list | dict) and len(value) > _LARGEST:
            raise ValueError(f"a value has more than {_LARGEST} characters or items")


def _distinct(items: Any) -> Any:
    return _sequence(distinct(items)) if isinstance(items, list) else items


def _spread(items: Any) -> Any:
    if isinstance(items, dict):
        return _spread([items])
    if not isinstance(items, list):
        return items
    return _sequence(
        part
        for each in items
        for part in ([{name: value} for name, value in each.items()] if isinstance(each, dict) else [each])
    )


def _sequence(items: Iterable[Any]) -> Any:
    made = Utils.create_sequence()
    made.extend(items)
    return made


# The interpreter's own look at every item, or copy every item, for each one.
_IN_ONE_PASS: Final = {
    "distinct": Jsonata.JFunction(Jsonata.JLambda(_distinct), "<x:x>"),
    "spread": Jsonata.JFunction(Jsonata.JLambda(_spread), "<x-:a<o>>"),
}


def _pictured(name: str, signature: str) -> Jsonata.JFunction:
    """Return one of the interpreter's functions of pictures, for short ones: its time grows with the square."""
    native = Jsonata.static_frame.lookup(name)

    def call(*given: Any) -> Any:
        if any(isinstance(each, str) and len(each) > _LONGEST_PICTURE for each in given):
            raise ValueError(f"${name} is given more than {_LONGEST_PICTURE} characters")
        return native.call(None, list(given))

    return Jsonata.JFunction(Jsonata.JLambda(call), signature)


_PICTURES: Final = {
    "formatInteger": "<n-s:s>",
    "parseInteger": "<s-s:n>",
    "formatNumber": "<n-so?:s>",
    "toMillis": "<s-s?:n>",
    "fromMillis": "<n-s?s?:s>",
}
_PICTURED: Final = {name: _pictured(name, signature) for name, signature in _PICTURES.items()}


def _pattern(text: str, flags: RegexFlags) -> Any:
    options = re2.Options()
    options.case_sensitive = not flags.case_insensitive
    options.log_errors = False
    return re2.compile(f"(?m){text}" if flags.multiline else text, options)


def _symbols(root: Any) -> Iterator[Any]:
    """Return every node of an expression's tree."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, list | tuple):
            waiting += node
        elif isinstance(node, Parser.Symbol) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [each for name, each in vars(node).items() if not name.startswith("_")]


def _plain(value: Any) -> Any:
    """Return a value without the interpreter's own kinds of lists; what has no value is left out."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items() if each is not None}
    return [_plain(each) for each in value] if isinstance(value, list) else value
