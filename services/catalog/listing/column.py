"""The columns of a list of open data, under the names in use, and how its header is found."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType


class Column(StrEnum):
    """What a column holds. The value names it in reports."""

    NUMBER = "#property"
    CODE = "code"
    PREFECTURE = "prefName"
    CITY = "cityName"
    NAME = "dataName"
    DESCRIPTION = "description"
    CATEGORY = "category"
    FORMAT = "format"
    URL = "url"
    API_SUPPORT = "apiSupport"
    LICENCE = "license"
    FREQUENCY = "frequency"
    ISSUED = "issued"
    MODIFIED = "modified"
    NOTE = "note"


_NAMES: Mapping[Column, tuple[str, ...]] = MappingProxyType(
    {
        Column.NUMBER: ("#property", "no", "no.", "番号", "id"),
        Column.CODE: (
            "code",
            "全国地方公共団体コード",
            "都道府県コード又は市区町村コード",
            "市区町村コード",
            "団体コード",
        ),
        Column.PREFECTURE: ("prefname", "pref", "都道府県名"),
        Column.CITY: ("cityname", "city", "市区町村名"),
        Column.NAME: ("dataname", "データ名称", "データ名", "データセット名", "データセット_タイトル", "名称"),
        Column.DESCRIPTION: ("description", "データ概要", "データセット_概要", "概要", "説明"),
        Column.CATEGORY: ("category", "分類", "カテゴリ", "カテゴリー", "分野", "データセット_分類"),
        Column.FORMAT: ("format", "データ形式", "ファイル形式", "フォーマット", "形式"),
        Column.URL: ("url", "データセット_url", "掲載url", "公開url"),
        Column.API_SUPPORT: ("apisupport", "api対応有無", "apiの有無", "api"),
        Column.LICENCE: ("license", "licence", "ライセンス", "利用規約", "データセット_ライセンス"),
        Column.FREQUENCY: ("frequency", "更新頻度", "データセット_更新頻度"),
        Column.ISSUED: ("issued", "登録日", "公開日", "データセット_公開日"),
        Column.MODIFIED: ("modified", "最終更新日", "更新日", "データセット_最終更新日"),
        Column.NOTE: ("note", "備考", "データセット_備考"),
    }
)
_BY_NAME = MappingProxyType({name: column for column, names in _NAMES.items() for name in names})
_REQUIRED = frozenset({Column.NAME})
_LEAST_KNOWN = 3


def recognise(cell: str) -> Column | None:
    """Return the column that a header cell names, whatever its width, case and white space; None if unknown."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell)).casefold()
    return _BY_NAME.get(plain)


def is_header(cells: Sequence[str]) -> bool:
    """Tell whether a row is the header: the name's column and at least two more are known."""
    known = {recognise(cell) for cell in cells} - {None}
    return known >= _REQUIRED and len(known) >= _LEAST_KNOWN
