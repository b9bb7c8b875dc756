"""What a look into a file says, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from services.catalog.domain.look import Look, LookTable
from services.catalog.portal.language import Language
from services.catalog.portal.words import number

_FACTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "features": ("地物", "Features"),
        "geometries": ("形の種類", "Geometries"),
        "outside": ("経緯度ではない位置", "Places that are not in degrees"),
        "shown": ("地図に表示する数", "Shown on the map"),
        "agencies": ("事業者", "Agencies"),
        "routes": ("路線", "Routes"),
        "stops": ("停留所・標柱", "Stops"),
        "trips": ("便", "Trips"),
        "first_day": ("運行の最初の日", "First day of service"),
        "last_day": ("運行の最後の日", "Last day of service"),
        "records": ("レコード", "Records"),
        "columns": ("列", "Columns"),
        "groups": ("行グループ", "Row groups"),
        "writer": ("作成したソフト", "Written by"),
        "sheets": ("シート", "Sheets"),
        "width": ("幅（ピクセル）", "Width in pixels"),
        "height": ("高さ（ピクセル）", "Height in pixels"),
    }
)
_TABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "properties": ("地物の属性", "Properties of the features"),
        "records": ("レコード", "Records"),
        "first": ("最初の行", "First rows"),
        "schema": ("列と型", "Columns and types"),
        "agencies": ("事業者", "Agencies"),
        "routes": ("路線", "Routes"),
        "stops": ("停留所・標柱", "Stops"),
    }
)
_COLUMNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"column": ("列", "Column"), "type": ("型", "Type"), "required": ("必須", "Required")}
)
_REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "large": (
            "大きすぎるか、読むのに時間がかかりすぎるため、中身は表示できません。ダウンロードはできます。",
            "It is too large, or takes too long to read, for a look into it. It can be downloaded.",
        ),
        "broken": (
            "ファイルの形式どおりに読めないため、中身は表示できません。壊れていないか確認してください。",
            "It cannot be read as what it is called, so there is no look into it. Please see whether it is whole.",
        ),
    }
)


def facts(look: Look, language: Language) -> list[tuple[str, str]]:
    """Return the figures of a file, each with its name."""
    told = ((name, each) for name, each in look.facts.items() if name in _FACTS)
    return [(language(*_FACTS[name]), number(each) if isinstance(each, int) else each) for name, each in told]


def reason(look: Look, language: Language) -> str:
    """Return why there is no look into a file, nothing where there is one."""
    why = str(look.facts.get("reason", ""))
    return language(*_REASONS[why]) if why in _REASONS else ""


def table_name(table: LookTable, language: Language) -> str:
    """Return what a table of a look is about, with how many rows there are in all; a sheet has its own name."""
    name = language(*_TABLES[table.name]) if table.name in _TABLES else table.name
    if table.total is None:
        return name
    shown = number(len(table.rows)), number(table.total)
    return name + language("（{}／{}件）", " ({} of {})").format(*shown)


def columns(table: LookTable, language: Language) -> list[str]:
    """Return the heading of a table of a look."""
    if table.name != "schema":
        return list(table.columns)
    return [language(*_COLUMNS[each]) if each in _COLUMNS else each for each in table.columns]
