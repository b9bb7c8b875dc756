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
_INFLECTED = re.compile(r"[\u3400-\u9fff々]{2,}[きけげせみめりれいえ]|[ァ-ヶー]{3,}ー")
_ENDING = re.compile(
    r"(?:一覧表?|情報|台帳|名簿|資料|設置|場所|箇所|位置|所在地?|地図|年次|推移|データ|リスト|マップ|[書表図])+$"
)
_FILLER = re.compile(r"an?|and|are|data|datasets?|for|how|in|is|list|many|map|of|on|the|there|to|where", re.IGNORECASE)


def conditions_of(text: str) -> tuple[Condition, ...]:
    """Return a condition for each word; words in quotation marks stay together, `-` before one leaves it out."""
    read = []
    for minus, quoted, bare in _PART.findall(unicodedata.normalize("NFKC", text))[:MOST_WORDS]:
        phrase = quoted or _stem(bare)
        if phrase.strip("-"):
            read.append(Not(Words(phrase)) if minus else Words(phrase))
    return tuple(read)


def looser(text: str) -> tuple[Condition, ...]:
    """Return readings of a question of which nothing has all words, each looser than the one before.

    "高松市の避難所一覧を見たい" is read without particles and endings as 高松市, 避難所一覧: runs of kanji, of katakana
    and of Latin letters. Then without what says little: 高松市, 避難所. What must not occur stays so.
    """
    parts = _PART.findall(unicodedata.normalize("NFKC", text))
    plain = " ".join(quoted or bare for minus, quoted, bare in parts if not minus)
    runs = tuple(dict.fromkeys(run for run in _RUN.findall(plain) if len(run) > 1 or len(plain) < 3))[:MOST_WORDS]
    readings = (runs, tuple(dict.fromkeys(filter(None, map(_telling, runs)))))
    unlike = [each for each in dict.fromkeys(readings) if each and list(each) != plain.split()]
    without = tuple(each for each in conditions_of(text) if isinstance(each, Not))
    return tuple(AllOf((*(Words(_stem(run)) for run in each), *without)) for each in unlike)


def _telling(run: str) -> str:
    """Return a run without endings as 一覧 and 書, which titles may lack; empty if it is nothing else."""
    if _FILLER.fullmatch(run):
        return ""
    rest = _ENDING.sub("", run)
    return run if len(rest) == 1 else rest


def _stem(word: str) -> str:
    """Leave out an ending, so that `parks` finds `park` and `parks`, 手続き 手続 too, and センサー センサ."""
    if _INFLECTED.fullmatch(word):
        return word[:-1]
    return word[:-1] if _PLURAL.fullmatch(word) and not word.lower().endswith(("ss", "us", "is")) else word
