"""Every data set of the 自治体標準オープンデータセット is known by its columns, or typed by what they begin with."""

import pytest

from services.ingest.importing.shelf import Wanted, load_mappings
from services.ingest.importing.source import OpenedFile, Reading, open_file

SHELF = load_mappings()
OLD = "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名"
NEW = "全国地方公共団体コード,ID,地方公共団体名"
KNOWN = {
    "standard-public-facility": ("名称,名称_通称,団体名,開始時間", "名称,POIコード,団体名,開始時間"),
    "standard-cultural-property": ("名称,文化財分類,所有者等", "名称,文化財分類,町字ID"),
    "standard-evacuation-site": ("名称,標高,災害種別_洪水", "名称,災害種別_津波,町字ID"),
    "standard-population": ("地域コード,総人口,男性,女性", "地域コード,総人口,男性,女性,備考"),
    "standard-childcare": ("名称,種別,受入年齢", "名称,種別,一時預かりの有無"),
    "standard-open-data-list": ("データ名称,データ形式,ライセンス", "データセット名称,ファイル形式,ライセンス"),
    "standard-public-wifi": ("名称,設置者,SSID", "名称,設置者,SSID,提供エリア"),
    "standard-aed": ("名称,設置位置,小児対応設備の有無", "名称,設置位置,小児対応設備の有無,町字ID"),
    "standard-care-service": ("介護サービス事業所名称,実施サービス", "介護サービス事業所名称,実施サービス,町字ID"),
    "standard-medical-facility": ("名称,医療機関の種類,診療曜日", "名称,医療機関の種類,診療科目"),
    "standard-tourism": ("名称,料金(基本),アクセス方法", "名称,料金_基本,バリアフリー情報"),
    "standard-event": ("イベント名,開始日", "イベント名,開始日,キーワード"),
    "standard-public-toilet": ("名称,男性トイレ総数,女性トイレ総数", "名称,男性トイレ数,女性トイレ数"),
    "standard-fire-water": ("種別,口径,緯度,経度", "種別,口径,町字ID"),
    "standard-food-business": ("営業の種類,施設名称", "営業の種類,営業施設名称、屋号又は商号"),
}
TYPED = {
    "給食献立": "SchoolMeal",
    "通学区域": "SchoolDistrict",
    "支援制度": "SupportProgramme",
    "防災行政無線": "DisasterRadioStation",
    "教育機関": "School",
    "公営駐車場": "OffStreetParking",
    "公営駐輪場": "BicycleParking",
    "投票所": "PollingStation",
    "ゴミ分別方法": "WasteSortingItem",
    "赤ちゃんの駅": "ChildcareFacility",
    "ゴミ集積場所": "WasteCollectionPoint",
    "観光ポイント": "PointOfInterest",
}


def opened(header: str) -> OpenedFile:
    row = ",".join("1" for _ in header.split(","))
    return open_file(f"{header}\n{row}\n".encode(), SHELF, Wanted(), Reading())


@pytest.mark.parametrize("mapping", sorted(KNOWN))
def test_both_generations_of_a_data_set_have_one_mapping(mapping: str) -> None:
    old, new = KNOWN[mapping]
    assert opened(f"{OLD},{old}").mapping.name == mapping
    assert opened(f"{NEW},{new}").mapping.name == mapping


@pytest.mark.parametrize("prefix", sorted(TYPED))
def test_a_data_set_of_the_data_model_kind_is_typed_and_placed_by_its_columns(prefix: str) -> None:
    names = ("全国地方公共団体コード", "ID", "名称", "緯度", "経度")
    mapping = opened(",".join(f"{prefix}_{name}" for name in names)).mapping
    assert (mapping.type, mapping.name) == (TYPED[prefix], "guessed")
    assert mapping.id_columns == (f"{prefix}_ID",)
    assert {rule.name for rule in mapping.attributes} >= {"name", "municipalityCode"}
