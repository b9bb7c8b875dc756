"""What a person types into a search box, read as conditions.

asked  := (part white-space)*
part   := '-'? ('"' any but '"' '"' | characters other than white space)       '-': must not occur
"""

import re
import unicodedata

from services.catalog.domain.query import AllOf, Condition, Not, Words

MOST_WORDS = 20
_PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_RUN = re.compile(r"[\u3400-\u9fff々〆]+|[ァ-ヶー]+|[a-z0-9]+", re.IGNORECASE)
_PLURAL = re.compile(r"[A-Za-z]{4,}[sS]")


def conditions_of(text: str) -> tuple[Condition, ...]:
    """Return a condition for each word; words in quotation marks stay together, `-` before one leaves it out."""
    read = []
    for minus, quoted, bare in _PART.findall(unicodedata.normalize("NFKC", text))[:MOST_WORDS]:
        phrase = quoted or _stem(bare)
        if phrase.strip("-"):
            read.append(Not(Words(phrase)) if minus else Words(phrase))
    return tuple(read)


def relaxed(text: str) -> Condition | None:
    """Return what is left of a sentence without its particles and endings, None if that is the same.

    "高松市の避難所一覧を見たい" becomes 高松市, 避難所一覧, 見: runs of kanji, of katakana and of Latin letters.
    """
    plain = unicodedata.normalize("NFKC", text)
    runs = [run for run in _RUN.findall(plain) if len(run) > 1 or len(plain) < 3]
    unique = tuple(dict.fromkeys(runs))[:MOST_WORDS]
    if not unique or list(unique) == plain.split():
        return None
    return AllOf(tuple(Words(_stem(run)) for run in unique))


def _stem(word: str) -> str:
    """Leave out an English plural's ending, so that `parks` finds `park` and `parks`."""
    return word[:-1] if _PLURAL.fullmatch(word) and not word.lower().endswith(("ss", "us", "is")) else word
