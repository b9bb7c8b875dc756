"""Layouts as cities really publish them, in small excerpts written for these tests, read without a word about them."""

import json
from typing import Any

import pytest

from services.ingest.feeds.feed import Destination
from services.ingest.importing.report import Report
from services.ingest.importing.shelf import Wanted, load_mappings
from services.ingest.importing.source import OpenedFile, Reading, open_file
from services.kernel.errors import InvalidRequest
from tests.support.workbook import workbook

SHELF = load_mappings()
GENERAL = "#property,latitude,longitude,name,address,telephoneNumber,referenceObject,note\n"


def opened(content: str | bytes, name: str = "") -> OpenedFile:
    data = content if isinstance(content, bytes) else content.encode()
    return open_file(data, SHELF, Wanted(file_name=name), Reading())


def imported(content: str | bytes, name: str = "") -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the entities, and the report with what the file is taken for."""
    file, report, entities = opened(content, name), Report(), []
    for record in file.records(Destination("t")):
        report.note(record, record.refusal)
        entities += [record.entity] if record.entity else []
    return entities, {**file.description(), **report.document(file.repairs)}


def taken(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["column"]: (each["attribute"], each["kind"]) for each in report["guessed"]}


def test_terms_of_linked_data_are_a_header() -> None:
    header = (
        "https://schema.org/name,https://schema.org/address,https://city.example/rdf/#cityPart,"
        "http://www.w3.org/2003/01/geo/wgs84_pos#lat,http://www.w3.org/2003/01/geo/wgs84_pos#long\n"
    )
    [aed], report = imported(header + "市役所,府中一丁目,東,35.9,136.1\n", "AED.csv")
    assert (report["type"], report["header_row"]) == ("AED", 1)
    assert (aed["name"]["value"], aed["cityPart"]["value"]) == ("市役所", "東")
    assert aed["location"]["value"]["coordinates"] == [136.1, 35.9]


@pytest.mark.parametrize("names", ["lat,lon", "latitude,longtitude", "緯度（10進）,経度（10進）", "北緯,東経"])
def test_coordinates_under_other_names_are_the_position_of_a_standard_file(names: str) -> None:
    [site], report = imported(f"NO,名称,住所,{names},災害種別_洪水\n1,公民館,東一丁目,26.7,128.1,1\n", "evacuation.csv")
    assert (report["mapping"], report["unused_columns"]) == ("standard-evacuation-site", [])
    assert site["location"]["value"]["coordinates"] == [128.1, 26.7]


def test_a_unit_behind_the_name_of_a_standard_column_changes_nothing() -> None:
    [site], report = imported("NO,名称,想定収容人数（人）,災害種別_洪水\n1,公民館,約300人,1\n", "evacuation.csv")
    assert taken(report) == {"想定収容人数(人)": ("capacity", "number")}
    assert site["capacity"]["value"] == 300


def test_marks_that_nobody_sees_change_no_name_of_a_column() -> None:
    twice = "\ufeff\ufeffNO,名称,\u200b緯度,経度\u200e,設置位置,小児対応設備の有無\n1,市役所,34.3,134.0,1階,有\n"
    [aed], report = imported(twice, "aed.csv")
    assert (report["mapping"], report["naming_columns"], report["unused_columns"]) == ("standard-aed", ["NO"], [])
    assert aed["location"]["value"]["coordinates"] == [134.0, 34.3]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4\n%\xe2\xe3\n1 0 obj", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\n<!DOCTYPE  HTML><html><body>404", "a web page"),
        (b"\xef\xbb\xbf<html lang='ja'>", "a web page"),
        (b"<?xml version='1.0'?><kml>", "XML that no feed knows"),
    ],
)
def test_what_is_no_table_is_refused_by_its_kind(content: bytes, kind: str) -> None:
    with pytest.raises(InvalidRequest, match=f"it is {kind}"):
        opened(content, "aed.csv")


def test_a_file_of_too_many_columns_is_refused() -> None:
    names = [f"c{number}" for number in range(1001)]
    for text in (",".join(names) + "\n" + ",".join("1" * 1001), json.dumps([dict.fromkeys(names, 1)])):
        with pytest.raises(InvalidRequest, match="more than 1000"):
            opened(text, "aed.csv")
    assert imported("名称," + ",".join(names[:900]) + "\n市役所," + ",".join("1" * 900), "aed.csv")[1]["accepted"] == 1


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line() -> None:
    with pytest.raises(InvalidRequest, match="line 4 is never closed"):
        opened('名称,住所\n"市\n役所",東\n公園,"西\n港,南\n', "aed.csv")


def test_a_row_amid_the_data_is_no_header() -> None:
    rows = "".join(f"平成25年,地区{place},{5400 + place}\n" for place in range(5)) + "平成25年,東,2052\n"
    _, report = imported(rows, "jinkou.csv")
    assert (report["header_row"], report["rows"]) == (0, 6)


def test_rows_of_statistics_are_named_by_what_tells_them_apart() -> None:
    table = "年次,地区,面積(ha),人口\n昭和55年,東,10,-\n昭和55年,西,20,300\n昭和56年,東,10,200\n"
    former, report = imported(table, "chiku.csv")
    later, _ = imported(table.replace("300", "301"), "chiku.csv")
    assert (report["named_by"], report["naming_columns"]) == ("name", ["年次", "地区"])
    assert [each["id"] for each in former] == [each["id"] for each in later]
    assert taken(report)["人口"] == ("人口", "number")
    assert former[0]["面積"] == {"type": "Property", "value": 10, "unitCode": "HAR"}


def test_columns_that_many_files_have_do_not_make_everything_a_park() -> None:
    rows = "1,34.3,134.0,東小学校,高松市1,,,\n2,34.3,134.0,西中学校,高松市2,,,\n"
    assert imported(GENERAL + rows, "data.xlsx")[1]["type"] == "School"
    assert imported(GENERAL + rows, "372013_park.csv")[1]["mapping"] == "park"
    assert imported(GENERAL + "1,34.3,134.0,東公園,高松市1,,,\n", "data.xlsx")[1]["mapping"] == "park"
    with pytest.raises(InvalidRequest, match="say type, as type=School"):
        opened(GENERAL + "1,34.3,134.0,あおば,高松市1,,,\n", "data (1).xlsx")


def test_a_row_that_repeats_another_is_told_from_one_of_the_same_name() -> None:
    rows = "A事業所,市1,訪問看護\nA事業所,市1,訪問介護\nA事業所,市1,訪問看護\n"
    entities, report = imported("介護サービス事業所名称,住所,実施サービス\n" + rows, "care_service.csv")
    assert [each["services"]["value"] for each in entities] == [["訪問看護"], ["訪問介護"]]
    assert [(each["reason"], each["rows"], each["detail"]) for each in report["refused"]] == [
        ("repeated-row", [4], "Row 2 says the same")
    ]
    assert report["refused"][0]["description_ja"].startswith("前の行とまったく同じ")


def test_columns_without_names_are_known_by_their_values() -> None:
    rows = "1,海辺トイレ,市1,2\n2,山手トイレ,市2,2\n3,駅前トイレ,市3,3\n"
    [first, *_], report = imported(rows, "toilet-map.csv")
    assert (first["id"], first["name"]["value"]) == ("urn:ngsi-ld:PublicToilet:t-1", "海辺トイレ")
    assert report["header_row"] == 0


def test_columns_that_a_standard_data_set_does_not_have_are_kept() -> None:
    [entity], report = imported(
        "文化財分類,名称,所在地,指定年月日,修理年月日,緯度,経度\n史跡,古墳,市1,昭和40年5月1日,S60.3.1,−,−\n"
    )
    assert report["mapping"] == "standard-cultural-property"
    assert entity["designationDate"]["value"] == {"@type": "Date", "@value": "1965-05-01"}
    assert entity["修理年月日"]["value"] == {"@type": "Date", "@value": "1985-03-01"}
    assert {each["rule"] for each in report["repaired"]} >= {"no-position", "dash-as-empty", "japanese-era"}


def test_a_prefix_that_all_columns_have_is_left_out_of_account() -> None:
    own = ("全国地方公共団体コード", "ID", "名称", "緯度", "経度")
    header = "施設_ID," + ",".join(f"防災行政無線_{name}" for name in own) + "\n"
    rows = ",122319,2001,市役所,35.83,140.14\n,122319,2002,支所,35.84,140.15\n"
    [first, _], report = imported(header + rows, "122319_emergrncy.csv")
    assert (report["type"], first["id"]) == ("DisasterRadioStation", "urn:ngsi-ld:DisasterRadioStation:t-2001")
    assert (first["municipalityCode"]["value"], first["name"]["value"]) == ("122319", "市役所")


def test_axes_are_places_only_where_their_values_are() -> None:
    assert "location" in imported("投票所名,世界_10進_X,世界_10進_Y\nA,140.1,35.8\nB,140.2,35.9\n")[0][0]
    projected, _ = imported("投票所名,X,Y\nA,15322689.81,4120919.6\nB,15322690.1,4120920.1\n")
    assert (projected[0]["X"]["value"], "location" in projected[0]) == (15322689.81, False)


def test_an_address_that_goes_on_in_a_second_column_is_joined() -> None:
    table = "許可番号,施設名称1,施設所在地1,施設所在地2,業種\n1,店,高松市1,2階,飲食店営業\n2,店2,高松市2,,飲食店営業\n"
    [first, _], report = imported(table, "食品営業許可施設一覧.csv")
    assert (report["type"], first["name"]["value"]) == ("FoodBusiness", "店")
    assert first["address"]["value"]["streetAddress"] == "高松市12階"


def test_a_sheet_with_examples_is_not_read_for_the_data() -> None:
    example = [["ID", "名称", "住所"], *([str(place), "○○公民館", "××町"] for place in range(9))]
    book = workbook({"記入例": example, "Sheet0": [["ID", "名称", "住所"], ["1", "中央公民館", "市1"]]})
    entities, report = imported(book, "公共施設.xlsx")
    assert (report["sheet"], len(entities)) == ("Sheet0", 1)


def test_what_spreadsheets_and_editors_did_to_cells_is_repaired_and_named() -> None:
    header = "名称,住所,電話番号,設置位置,小児対応設備の有無,利用可能曜日,開始時間,終了時間\n"
    table = header + "A,市1,778258800,1階,有,全日※,9:00,17:00※\n"
    [entity], report = imported(table, "aed.csv")
    assert (entity["telephone"]["value"], entity["openingHours"]["value"]) == ("0778258800", "Mo-Su 09:00-17:00")
    assert {"leading-zero", "footnote-mark"} <= {each["rule"] for each in report["repaired"]}


def test_areas_of_features_become_the_entities_places() -> None:
    ring = [[[140.0, 35.0], [140.1, 35.0], [140.1, 35.1], [140.0, 35.0]]]
    area = {"type": "Polygon", "coordinates": ring}
    features = [{"type": "Feature", "properties": {"name": "東小学校"}, "geometry": area}]
    [entity], report = imported(json.dumps({"type": "FeatureCollection", "features": features}), "Elementary.geojson")
    assert (report["type"], entity["location"]) == ("School", {"type": "GeoProperty", "value": area})


def test_a_file_of_linkdata_is_what_its_data_set_was_called() -> None:
    lines = (
        "#LINK,,,",
        "#lang,ja,,",
        "#file_name,0007,,",
        "#download_from,https://data.city.example/dataset/funeral_hall,,",
        "#property,name,address,location",
        "#object_type_xsd,string,string,string",
        "#property_context,Assertion,Assertion,Assertion",
        '1,斎場公園,高松市福岡町,"34.34,134.07"',
    )
    [entity], report = imported("\n".join(lines) + "\n", "0007.csv")
    assert (report["type"], report["rows"], report["empty"]["count"]) == ("FuneralHall", 3, 2)
    assert entity["location"]["value"]["coordinates"] == [134.07, 34.34]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("0216toukeinenkan.csv", "Toukeinenkan0216"), ("1212_01gikai.csv", "Gikai01"), ("0085_階数.csv", "階数")],
)
def test_no_type_begins_with_a_digit(name: str, expected: str) -> None:
    assert imported("年次,件数\n昭和56年,100\n", name)[1]["type"] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cooling_shelter_r6.csv", "HeatShelter"),
        ("クーリングシェルター一覧.xlsx", "HeatShelter"),
        ("指定緊急避難場所・指定避難所.csv", "EvacuationSite"),
        ("令和5年度_福祉避難所.csv", "DesignatedShelter"),
        ("障害福祉サービス事業所.csv", "DisabilityServiceProvider"),
        ("飲食店営業許可施設一覧.csv", "FoodBusiness"),
        ("令和4年度決算.csv", "FinancialSettlement"),
        ("令和5年度予算.csv", "Budget"),
        ("人口・世帯数_20230401.csv", "PopulationStatistics"),
        ("年齢別人口_R6.4.1.csv", "年齢別人口"),
        ("外国人人口(令和5年4月1日現在).csv", "外国人人口"),
        ("population_by_age_2023.csv", "PopulationByAge"),
    ],
)
def test_things_that_are_alike_in_name_have_types_of_their_own(name: str, expected: str) -> None:
    assert opened("番号,内容\n1,a\n2,b\n", name).mapping.type == expected
