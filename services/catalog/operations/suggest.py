"""Suggestions: what somebody may be typing, and what somebody may have meant."""

from collections import Counter
from collections.abc import Iterable

from services.catalog.domain.audience import Audience
from services.catalog.domain.query import Words
from services.catalog.domain.search_terms import normalise
from services.catalog.domain.thesaurus import all_words, names_read
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.session import reading
from services.catalog.store.wordings import Wording, wordings

MOST_SUGGESTIONS = 20
_READ = 200


async def suggest(catalogue: Catalogue, audience: Audience, typed: str, limit: int) -> tuple[str, ...]:
    """Return keywords and titles that contain what is typed: those that begin with it, then the most used."""
    plain = normalise(typed)
    if not plain:
        return ()
    async with reading(catalogue.engine) as connection:
        found = await wordings(connection, audience, Words(plain), _READ)
    uses = Counter(_matching(found, plain))
    best = sorted(uses, key=lambda each: (not normalise(each).startswith(plain), -uses[each], len(each), each))
    unique = {normalise(each): each for each in reversed(best)}
    return tuple(each for each in best if unique[normalise(each)] == each)[:limit]


def _matching(found: Iterable[Wording], plain: str) -> Iterable[str]:
    for title, keywords in found:
        yield from (each for each in (*keywords, title) if plain in normalise(each))
    yield from (word for word in all_words() if plain in normalise(word))
    yield from names_read(plain)


async def corrections(catalogue: Catalogue, asked: str) -> tuple[str, ...]:
    """Return what was asked with the words that nothing has replaced by words that public data sets use."""
    lexicon = await catalogue.lexicons.get()
    words = asked.split()
    better = [lexicon.nearest(word) or word for word in words]
    return () if better == words else (" ".join(better),)
