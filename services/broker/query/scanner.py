"""Reading a query language character by character, with limits and with errors that name the place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from services.kernel.errors import BadData, TooComplex

LONGEST: Final = 16_384
DEEPEST: Final = 20
MOST_TERMS: Final = 200


class Scanner:
    """A text and a place in it. Grammars take what they expect and call `wrong` for what they do not."""

    def __init__(self, text: str, parameter: str) -> None:
        if len(text) > LONGEST:
            raise TooComplex(f"{parameter} may have {LONGEST} characters", field=parameter)
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise BadData(f"{parameter} has a character that is not allowed", field=parameter)
        self.text = text
        self.parameter = parameter
        self.at = 0
        self._depth = 0
        self._terms = 0

    @property
    def is_done(self) -> bool:
        """Whether all is read."""
        return self.at >= len(self.text)

    def wrong(self, reason: str, at: int | None = None) -> BadData:
        """Return the error to raise: what is wrong, and where (counted from 1)."""
        place = (self.at if at is None else at) + 1
        return BadData(f"{self.parameter}: {reason} at position {place}", field=self.parameter)

    def peek(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, expected: str) -> bool:
        """Pass the expected text, if it is next."""
        found = self.text.startswith(expected, self.at)
        self.at += len(expected) if found else 0
        return found

    def take_first(self, *expected: str) -> str | None:
        """Pass the first of the expected texts that is next, and return it."""
        return next((each for each in expected if self.take(each)), None)

    def need(self, expected: str) -> None:
        """Pass the expected text; raises BadData where it is not next."""
        if not self.take(expected):
            raise self.wrong(f"'{expected}' is missing")

    def take_until(self, delimiters: str) -> str:
        """Pass all up to a delimiter or the end, and return it without the blanks around it."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in delimiters:
            self.at += 1
        return self.text[start : self.at].strip()

    def skip_blanks(self) -> None:
        """Pass blanks."""
        while self.peek() == " ":
            self.at += 1

    def finish(self) -> None:
        """Raise BadData where something is left."""
        if not self.is_done:
            raise self.wrong(f"'{self.peek()}' is not expected")

    def count_term(self) -> None:
        """Count a term; raises TooComplex where there are too many."""
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise TooComplex(f"{self.parameter} may have {MOST_TERMS} terms", field=self.parameter)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Count the depth of nesting; raises TooComplex where it is too much."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooComplex(f"{self.parameter} may be nested {DEEPEST} deep", field=self.parameter)
        yield
        self._depth -= 1
