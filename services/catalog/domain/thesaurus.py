"""Words for the same thing, in Japanese and English: who asks with one finds what is described with another."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from services.catalog.domain.search_terms import normalise

CONCEPTS: tuple[tuple[str, ...], ...] = (
    ("避難所", "避難場所", "evacuation site", "evacuation shelter"),
    ("津波", "tsunami"),
    ("洪水", "浸水", "水害", "flood"),
    ("土砂災害", "landslide"),
    ("ハザードマップ", "hazard map"),
    ("防災", "災害", "disaster"),
    ("AED", "自動体外式除細動器", "defibrillator"),
    ("公衆無線LAN", "無料Wi-Fi", "Wi-Fi", "WiFi", "ワイファイ"),
    ("公衆トイレ", "公衆便所", "お手洗い", "public toilet", "restroom"),
    ("駐車場", "パーキング", "parking"),
    ("駐輪場", "bicycle parking"),
    ("レンタサイクル", "シェアサイクル", "自転車", "bicycle", "bike"),
    ("バス停", "バス", "bus"),
    ("鉄道", "電車", "railway", "train"),
    ("時刻表", "timetable"),
    ("道路", "road"),
    ("交通量", "traffic volume"),
    ("公園", "緑地", "park"),
    ("図書館", "library"),
    ("学校", "小学校", "中学校", "school"),
    ("保育所", "保育園", "子育て", "child care", "nursery"),
    ("病院", "診療所", "医療機関", "hospital", "clinic"),
    ("介護", "高齢者福祉", "nursing care"),
    ("福祉", "welfare"),
    ("人口", "世帯数", "population"),
    ("統計", "statistics"),
    ("予算", "決算", "財政", "budget"),
    ("観光", "tourism", "tourist"),
    ("文化財", "cultural property"),
    ("イベント", "催し", "event"),
    ("ごみ", "ゴミ", "廃棄物", "garbage", "waste"),
    ("気象", "天気", "weather"),
    ("雨量", "降水量", "rainfall"),
    ("水位", "河川", "water level", "river"),
    ("ため池", "貯水池", "reservoir"),
    ("大気", "大気質", "air quality"),
    ("騒音", "noise"),
    ("上水道", "水道", "water supply"),
    ("下水道", "sewerage"),
    ("消火栓", "防火水槽", "fire hydrant"),
    ("土のう", "sandbag"),
    ("公共施設", "public facility"),
    ("都市計画", "urban planning"),
    ("地価", "land price"),
    ("建物", "building"),
    ("選挙", "election"),
    ("議会", "assembly"),
    ("農業", "agriculture"),
    ("漁業", "fishery"),
    ("森林", "林業", "forest"),
    ("食品営業許可", "飲食店", "restaurant"),
    ("センサー", "センサ", "sensor"),
    ("オープンデータ", "open data"),
)
"""Each line holds words for one thing; the first is its usual name."""

READINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "避難所": ("ひなんじょ", "ひなんばしょ"),
        "津波": ("つなみ",),
        "洪水": ("こうずい",),
        "防災": ("ぼうさい",),
        "駐車場": ("ちゅうしゃじょう",),
        "駐輪場": ("ちゅうりんじょう",),
        "道路": ("どうろ",),
        "公園": ("こうえん",),
        "図書館": ("としょかん",),
        "学校": ("がっこう",),
        "保育所": ("ほいくえん", "こそだて"),
        "病院": ("びょういん",),
        "介護": ("かいご",),
        "人口": ("じんこう",),
        "統計": ("とうけい",),
        "観光": ("かんこう",),
        "文化財": ("ぶんかざい",),
        "ため池": ("ためいけ",),
        "選挙": ("せんきょ",),
    }
)
"""How usual names of things are read, for who types hiragana."""


@cache
def _normalised() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple((tuple(map(normalise, words)), words) for words in CONCEPTS)


def other_words(text: str) -> tuple[str, ...]:
    """Return words for the things that a normalised text names in other words."""
    named = (words for plain, words in _normalised() if any(_names(text, each) for each in plain))
    return tuple(dict.fromkeys(word for words in named for word in (*words, *READINGS.get(words[0], ()))))


def names_read(text: str) -> Iterable[str]:
    """Return the usual names of things whose reading contains a normalised text."""
    return (name for name, readings in READINGS.items() if any(text in normalise(each) for each in readings))


def all_words() -> Iterable[str]:
    """Return every word."""
    return (word for words in CONCEPTS for word in words)


def _names(text: str, word: str) -> bool:
    """Tell whether a text contains a word; a Latin one stands by itself there, with or without a plural s."""
    start = text.find(word)
    if start < 0 or not word.isascii():
        return start >= 0
    before, after = text[:start][-1:], text[start + len(word) :].removeprefix("s")[:1]
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
