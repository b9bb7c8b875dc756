"""Vocabularies as values: a scheme and its concepts (SKOS Reference, 3 and 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of a vocabulary: its code, its names and notes by language, other names, and what it is elsewhere.

    `broader` is the code of the one above it. `same` are addresses of the same thing in other vocabularies, `close`
    of nearly the same, `related` of what it has to do with. `place` is latitude and longitude in degrees.
    """

    code: str
    names: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    broader: str | None = None
    same: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A vocabulary: its name in addresses, its titles and descriptions by language, where it comes from, its words."""

    name: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    concepts: Mapping[str, Concept]
    source: str = ""

    def tops(self) -> Iterator[Concept]:
        """Return the words that have none above them."""
        return (each for each in self.concepts.values() if each.broader is None)


def scheme(name: str, titles: tuple[str, str], descriptions: tuple[str, str], concepts: Iterator[Concept]) -> Scheme:
    """Make a scheme of Japanese and English texts and its words."""
    japanese, english = titles
    said, said_en = descriptions
    by_code = {each.code: each for each in concepts}
    return Scheme(name, {"ja": japanese, "en": english}, {"ja": said, "en": said_en}, by_code)
