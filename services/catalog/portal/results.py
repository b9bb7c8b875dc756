"""What is asked of the search page: words and choices, read from the address and written into addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.catalog.domain import wording
from services.catalog.domain.audience import Audience
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is, Slice, Sort, SortKey
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.search import Results, search
from services.catalog.operations.suggest import corrections
from services.catalog.portal.bounds import Bounds
from services.catalog.store.hits import Asked

PAGE = 20
_LONGEST = 500
_MOST_CHOICES = 20
_LAST_PAGE = 10_000
FACETS: Mapping[str, Field] = MappingProxyType(
    {
        "publisher": Field.ORGANIZATION,
        "theme": Field.THEME,
        "format": Field.FORMAT,
        "licence": Field.LICENCE,
        "kind": Field.KIND,
        "spatial": Field.SPATIAL,
    }
)
BEST = (Sort(SortKey.SCORE, is_descending=True), Sort(SortKey.MODIFIED, is_descending=True))
SORTS: Mapping[str, tuple[Sort, ...]] = MappingProxyType(
    {
        "relevance": BEST,
        "modified": (Sort(SortKey.MODIFIED, is_descending=True),),
        "created": (Sort(SortKey.CREATED, is_descending=True),),
        "title": (Sort(SortKey.TITLE),),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """Words, choices by facet, area and dates, order and page."""

    words: str
    choices: tuple[tuple[str, str], ...] = ()
    sort: str = "relevance"
    page: int = 1
    bounds: Bounds = field(default_factory=Bounds)

    @classmethod
    def of(cls, given: QueryParams) -> "Question":
        """Read an address; what is not understood does not matter."""
        words = " ".join(given.get("q", "").replace("\x00", "").split())[:_LONGEST]
        choices = [
            (name, value) for name, value in given.multi_items() if name in FACETS and value and "\x00" not in value
        ]
        sort = given.get("sort", "relevance")
        page = given.get("page", "1")
        number = min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 10 else 1
        chosen = tuple(dict.fromkeys(choices))[:_MOST_CHOICES]
        return cls(words, chosen, sort if sort in SORTS else "relevance", max(1, number), Bounds.of(given))

    def has(self, facet: str, value: str) -> bool:
        """Tell whether a value is chosen."""
        return (facet, value) in self.choices

    def toggled(self, facet: str, value: str) -> str:
        """Return the address with a choice made, or taken back."""
        kept = tuple(each for each in self.choices if each != (facet, value))
        choices = kept if self.has(facet, value) else (*kept, (facet, value))
        return replace(self, choices=choices, page=1).address

    def at(self, page: int) -> str:
        """Return the address of another page."""
        return replace(self, page=page).address

    def unbound(self, *names: str) -> str:
        """Return the address with some fields of area and dates left empty."""
        return replace(self, bounds=self.bounds.without(*names), page=1).address

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words is asked for."""
        return bool(self.choices or self.bounds)

    @property
    def widest(self) -> str:
        """The address of the words alone."""
        return Question(self.words, sort=self.sort).address

    @property
    def feed(self) -> str:
        """Where the newest of what it finds are told as a feed."""
        return f"/feed.atom{replace(self, sort='relevance', page=1).address.removeprefix('/search')}"

    @property
    def address(self) -> str:
        """Where the question stands."""
        pairs = [("q", self.words)] if self.words else []
        pairs += [*self.choices, *self.bounds.pairs]
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return f"/search?{urlencode(pairs)}" if pairs else "/search"

    def condition(self, words: tuple[Condition, ...] | None = None) -> Condition:
        """Return the choices with the words as a query, or with other words."""
        sought = wording.conditions_of(self.words) if words is None else words
        by_facet: dict[str, list[Condition]] = {}
        for name, value in self.choices:
            by_facet.setdefault(name, []).append(Is(FACETS[name], value))
        chosen = (AnyOf(tuple(each)) for each in by_facet.values())
        return AllOf((*sought, *chosen, *self.bounds.conditions()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is found, whether the question was read loosely, and what may have been meant."""

    results: Results
    is_relaxed: bool = False
    offers: tuple[str, ...] = ()


async def answer(catalogue: Catalogue, audience: Audience, question: Question) -> Answer:
    """Search. Raises Unavailable."""
    part = Slice(PAGE, (question.page - 1) * PAGE, SORTS[question.sort])
    fields = tuple(FACETS.values())

    async def find(words: tuple[Condition, ...]) -> Results:
        return await search(catalogue, Asked(audience, question.condition(words), fields), part)

    found = await find(wording.conditions_of(question.words))
    if found.total or not question.words:
        return Answer(found)
    for looser in wording.looser(question.words):
        again = await find((looser,))
        if again.total:
            return Answer(again, is_relaxed=True)
    return Answer(found, offers=await corrections(catalogue, question.words))
