"""The terms of a vocabulary, each made once."""

from rdflib import URIRef


class Terminology:
    """A vocabulary whose terms are attributes: `DCTERMS.title`.

    The library's own looks up, checks and makes a term at each use, which takes as long as saying a statement with it.
    """

    def __init__(self, base: str) -> None:
        self._base = base

    def __getattr__(self, name: str) -> URIRef:
        """Make a term that the source names; the next time it is there."""
        if name.startswith("__"):
            raise AttributeError(name)
        term = self[name]
        setattr(self, name, term)
        return term

    def __getitem__(self, name: str) -> URIRef:
        """Return a term by its name, whatever that is."""
        return URIRef(self._base + name)

    def __str__(self) -> str:
        return self._base
