"""What the catalogue's codes are called for readers, in two languages."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from services.catalog.domain import file_format, frequency
from services.catalog.domain.column_label import label
from services.catalog.domain.dataset import Dataset, Kind, Publisher, State
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.query import Field
from services.catalog.domain.theme import THEMES
from services.catalog.portal.language import Language
from services.catalog.vocabularies.schemes import schemes

_JST = timezone(timedelta(hours=9))
_BYTES_UNITS = ("B", "KB", "MB", "GB")

_TERMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "CC-BY-4.0": (
            "出典を書けば、だれでも、商用でも、加工しても使えます。",
            "Anyone may use and adapt it, also commercially, as long as the source is named.",
        ),
        "CC-BY-SA-4.0": (
            "出典を書けば、商用でも使えます。加工して公開するときは、同じ条件で公開してください。",
            "Anyone may use it, also commercially. Name the source, and share what you make of it on the same terms.",
        ),
        "CC0-1.0": (
            "権利は放棄されています。出典を書かなくても、自由に使えます。",
            "All rights are waived. Use it as you like; you need not name the source.",
        ),
        "PDL-1.0": (
            "出典を書けば、だれでも、商用でも、加工しても使えます。加工したときは、その旨も書いてください。",
            "Anyone may use and adapt it, also commercially. Name the source, and say so if you changed the data.",
        ),
        "GJSTU-2.0": (
            "出典を書けば、商用でも使えます。加工したときは、その旨も書いてください。",
            "Anyone may use it, also commercially. Name the source, and say so if you changed the data.",
        ),
        "notspecified": (
            "利用条件が示されていません。使う前に、提供団体に確認してください。",
            "No terms are stated. Ask the publisher before you use it.",
        ),
        "other": (
            "提供団体が独自の条件を定めています。使う前に、条件を確認してください。",
            "The publisher has terms of its own. Read them before you use it.",
        ),
    }
)
_SAME_TERMS = {"CC-BY": "CC-BY-4.0", "CC-BY-2.1-JP": "CC-BY-4.0", "CC-BY-SA": "CC-BY-SA-4.0", "GJSTU": "GJSTU-2.0"}
_UNCLEAR = (
    "オープンデータとして公開されていますが、条件の種類や版が書かれていません。使う前に、提供団体に確認してください。",
    "Published as open data, but kind or version of the terms are not stated. Ask the publisher before you use it.",
)
_FIELDS: Mapping[Field, tuple[str, str]] = MappingProxyType(
    {
        Field.ORGANIZATION: ("提供団体", "Publisher"),
        Field.THEME: ("テーマ", "Theme"),
        Field.FORMAT: ("形式", "Format"),
        Field.LICENCE: ("利用条件", "Licence"),
        Field.KIND: ("種類", "Kind"),
        Field.SPATIAL: ("地域", "Area"),
    }
)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Kind.FILE: ("ファイル", "Files"),
        Kind.LIVE: ("ライブデータ", "Live data"),
        Kind.SERIES: ("シリーズ", "Series"),
        Kind.SERVICE: ("API・サービス", "Service"),
    }
)


_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        State.DRAFT: ("下書き", "Draft"),
        State.REVIEW: ("確認待ち", "In review"),
        State.PUBLISHED: ("公開中", "Published"),
        State.PRIVATE: ("非公開", "Private"),
        State.WITHDRAWN: ("公開終了", "Withdrawn"),
    }
)


def terms(licence: str, language: Language) -> str:
    """Return what a licence allows, in plain words."""
    return language(*_TERMS.get(_SAME_TERMS.get(licence, licence), _UNCLEAR))


def licence_name(licence: str, language: Language) -> str:
    """Return what a licence is called."""
    found = LICENCES.get(licence)
    return language(found.title_ja, found.title) if found else licence


def theme_name(code: str, language: Language) -> str:
    """Return what a theme is called."""
    found = THEMES.get(code)
    return language(found.title_ja, found.title) if found else code


def kind_name(kind: str, language: Language) -> str:
    """Return what a kind of entry is called."""
    return language(*_KINDS[kind]) if kind in _KINDS else kind


def field_name(field: Field, language: Language) -> str:
    """Return what results are narrowed by."""
    return language(*_FIELDS[field])


def attribute_name(name: str, language: Language) -> str:
    """Return what an attribute is called, its name where there are no words for it."""
    return label(name, language.value, {})


def frequency_name(code: str, language: Language) -> str:
    """Return how often data are renewed."""
    english, japanese = frequency.FREQUENCIES.get(code, (code, code))
    return language(japanese, english)


def format_name(folded: str) -> str:
    """Return what a folded format is called."""
    return file_format.DISPLAY_NAMES.get(folded, folded.upper())


def publisher_name(publisher: Publisher, language: Language) -> str:
    """Return what a publisher is called."""
    return language(publisher.title, publisher.title_en or publisher.title)


def text(texts: Mapping[str, str], language: Language) -> str:
    """Return a text in a language, else in the one that there is."""
    return texts.get(language.value) or texts.get("ja") or next(iter(texts.values()), "")


def text_language(texts: Mapping[str, str], language: Language) -> str:
    """Return the language that `text` returns."""
    return next((each for each in (language.value, "ja") if texts.get(each)), next(iter(texts), language.value))


def title(dataset: Dataset, language: Language) -> str:
    """Return the title of a data set."""
    return text(dataset.content.titles, language)


def state_name(state: str, language: Language) -> str:
    """Return what a state is called."""
    return language(*_STATES[state]) if state in _STATES else state


def formats(dataset: Dataset) -> tuple[str, ...]:
    """Return the formats that a data set can be had in."""
    if dataset.live is not None:
        return ("CSV", "GeoJSON", "API")
    return tuple(dict.fromkeys(each.format for each in dataset.content.distributions if each.format))[:8]


def files(dataset: Dataset, forms: Iterable[Distribution], address: str) -> tuple[Distribution, ...]:
    """Return the files of a data set, without the interfaces and without what its page offers for every live one."""
    made_here = f"{address}/datasets/{dataset.name}/download."
    known = (each for each in forms if each.interface is None)
    return tuple(each for each in known if not (dataset.live and each.download_url.startswith(made_here)))


def area_name(code: str, dataset: Dataset, language: Language) -> str:
    """Return what an area is called: the publisher's name where it is its own, else that of the code."""
    if code == dataset.publisher.code:
        return publisher_name(dataset.publisher, language)
    return place_name(code, language)


def place_name(code: str, language: Language) -> str:
    """Return what the local government with a code is called, else the code."""
    known = schemes()["local-governments"].concepts.get(code)
    return text(known.names, language) if known else code


def day(at: datetime, language: Language) -> str:
    """Write the day of an instant in Japan."""
    there = at.astimezone(_JST)
    return language(f"{there.year}年{there.month}月{there.day}日", f"{there.day} {there:%B} {there.year}")


def moment(written: str | None, language: Language) -> str:
    """Write an ISO 8601 date or date-time for readers; as it is if it is none."""
    try:
        read = datetime.fromisoformat(written or "")
    except ValueError:
        return written or ""
    if len(written or "") <= 10:
        return day(read.replace(tzinfo=_JST), language)
    return instant(read if read.tzinfo else read.replace(tzinfo=UTC), language)


def instant(at: datetime, language: Language) -> str:
    """Write an instant in Japan to the minute."""
    there = at.astimezone(_JST)
    return f"{day(there, language)} {there:%H:%M}"


def size(octets: int) -> str:
    """Write the size of a file."""
    amount, unit = float(octets), 0
    while amount >= 1000 and unit < len(_BYTES_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_BYTES_UNITS[unit]}" if unit == 0 or amount >= 10 else f"{amount:.1f} {_BYTES_UNITS[unit]}"


def data_sets(count: int, t: Language) -> str:
    """Return what stands after a number of data sets."""
    return t("件", " data set" if count == 1 else " data sets")


def number(amount: int) -> str:
    """Write a number with its thousands apart."""
    return f"{amount:,}"


_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "string": ("文字", "text"),
        "integer": ("整数", "whole numbers"),
        "number": ("数値", "numbers"),
        "boolean": ("はい・いいえ", "yes or no"),
        "date": ("日付", "dates"),
        "datetime": ("日時", "dates with time"),
        "time": ("時刻", "times"),
    }
)
_ENCODINGS: Mapping[str, str] = MappingProxyType(
    {"utf-8-sig": "UTF-8 (BOM)", "utf-8": "UTF-8", "cp932": "Shift_JIS", "euc_jp": "EUC-JP", "iso2022_jp": "JIS"}
)


def type_name(kind: str, language: Language) -> str:
    """Return what the values of a column are."""
    return language(*_TYPES[kind]) if kind in _TYPES else kind


def encoding_name(encoding: str) -> str:
    """Return what an encoding is called in offices."""
    return _ENCODINGS.get(encoding, encoding.upper())
