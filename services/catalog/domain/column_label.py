"""Headings of columns in Japanese and English, for files that people open."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NAMES: Final = "name"
"""Headings as the attributes are called."""

LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "id": ("ID", "Identifier"),
        "type": ("種別", "Type"),
        "name": ("名称", "Name"),
        "alternateName": ("名称_カナ", "Name in kana"),
        "description": ("説明", "Description"),
        "address": ("所在地", "Address"),
        "telephone": ("電話番号", "Telephone number"),
        "url": ("URL", "Web page"),
        "location": ("位置", "Location"),
        "category": ("分類", "Category"),
        "capacity": ("収容人数", "Capacity"),
        "status": ("状態", "Status"),
        "river": ("河川名", "River"),
        "operator": ("管理者", "Operator"),
        "waterLevel": ("水位", "Water level"),
        "standbyLevel": ("水防団待機水位", "Standby level"),
        "cautionLevel": ("氾濫注意水位", "Caution level"),
        "evacuationLevel": ("避難判断水位", "Evacuation level"),
        "dangerLevel": ("氾濫危険水位", "Danger level"),
        "alertLevel": ("警戒レベル", "Alert level"),
        "temperature": ("気温", "Temperature"),
        "relativeHumidity": ("湿度", "Relative humidity"),
        "installationPosition": ("設置位置", "Place of installation"),
        "pediatricSupport": ("小児対応設備の有無", "For children"),
        "openingHours": ("利用可能時間", "Opening hours"),
        "openingHoursNote": ("利用可能日時特記事項", "Notes on opening hours"),
        "totalSpotNumber": ("収容台数", "Parking spaces"),
        "availableSpotNumber": ("空き台数", "Free parking spaces"),
        "note": ("備考", "Remarks"),
        "dataProvider": ("データ提供者", "Data provider"),
        "source": ("出典", "Source"),
        "attribute": ("属性", "Attribute"),
        "value": ("値", "Value"),
        "observedAt": ("観測日時", "Observed at"),
        "recordedAt": ("記録日時", "Recorded at"),
        "unitCode": ("単位コード", "Unit code"),
        "change": ("変更の種類", "Change"),
        "access": ("アクセス方法", "How to get there"),
        "building": ("建物名", "Building"),
        "department": ("担当課", "Department"),
        "district": ("地区", "District"),
        "earthquake": ("災害種別_地震", "For earthquakes"),
        "elevation": ("標高", "Elevation"),
        "extensionNumber": ("内線番号", "Extension"),
        "fire": ("災害種別_大規模な火事", "For large fires"),
        "floodL1": ("災害種別_洪水（計画規模）", "For floods, design scale"),
        "floodL2": ("災害種別_洪水（想定最大規模）", "For floods, largest scale"),
        "identification": ("識別番号", "Number"),
        "inundation": ("災害種別_内水氾濫", "For inundation"),
        "isShelter": ("指定避難所との重複", "Also a shelter"),
        "landslide": ("災害種別_崖崩れ、土石流及び地滑り", "For landslides"),
        "municipalityCode": ("全国地方公共団体コード", "Code of the local government"),
        "nameKana": ("名称_カナ", "Name in kana"),
        "nameRomaji": ("名称_英字", "Name in Latin letters"),
        "parking": ("駐車場", "Parking"),
        "price": ("料金", "Price"),
        "priceNote": ("料金の説明", "Notes on prices"),
        "provider": ("提供者", "Provider"),
        "reservoirCode": ("ため池コード", "Code of the reservoir"),
        "residentsAssociation": ("対象となる町会・自治会", "Residents’ association"),
        "scope": ("分類（スコープ）", "Scope"),
        "seeAlso": ("関連ページ", "See also"),
        "serviceArea": ("提供エリア", "Area served"),
        "shelterArea": ("避難できる面積", "Area to shelter in"),
        "ssid": ("SSID", "SSID"),
        "stormSurge": ("災害種別_高潮", "For storm surges"),
        "tsunami": ("災害種別_津波", "For tsunamis"),
    }
)
_PARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"lat": ("緯度", "latitude"), "lon": ("経度", "longitude"), "observedAt": ("観測日時", "observed at")}
)
_SPLIT = re.compile(r"(.+)_(lat|lon|observedAt|[a-z]{2}(?:-[A-Za-z0-9]+)?)\Z")
_PLACE = "location"


def label(column: str, language: str, units: Mapping[str, str]) -> str:
    """Return the heading of a column in `ja` or `en`; a name without a label stands as it is, with its unit code.

    Of `location` the columns are 緯度 and 経度, as in 自治体標準オープンデータセット.
    """
    position = 0 if language == "ja" else 1
    if column in LABELS:
        return LABELS[column][position] + _unit(column, units)
    split = _SPLIT.match(column)
    if split is None:
        return column + _unit(column, units)
    base, part = split[1], split[2]
    known = _PARTS.get(part)
    part_label = known[position] if known else part
    if base == _PLACE and part in ("lat", "lon"):
        return part_label if language == "ja" else part_label.capitalize()
    return f"{LABELS[base][position] if base in LABELS else base}_{part_label}"


def _unit(column: str, units: Mapping[str, str]) -> str:
    return f" ({units[column]})" if column in units else ""
