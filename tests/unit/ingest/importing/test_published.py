"""What a row says and cannot be read is kept, and comes back in an export; what is no row of its own is none."""

import csv
import io
from typing import Any

from services.ingest.importing.written import RowWriter
from tests.unit.ingest.importing.test_layouts import imported, opened

FACILITIES = (
    "ID,名称,所在地_連結表記,緯度,経度,POIコード,団体名,利用可能曜日,開始時間,終了時間,URL,画像\n"
    "1,図書館,中央1,33.73,130.468,,,火〜日,10:00,18:00(金曜は20:00),準備中,\n"
    "2,公民館,中央2,33.73,130.468,,,月〜金(祝日を除く),8:30,17:00,,kan.jpg\n"
    '3,公園,中央3,"33.715,130.465",,,,毎日,終日,,,\n'
    "4,友好館,中央4,51.5,-0.1,,,不定期,,,,\n"
)


def plain(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: each["value"] for name, each in entity.items() if isinstance(each, dict)}


def test_texts_of_hours_addresses_and_positions_that_cannot_be_read_are_kept() -> None:
    entities, report = imported(FACILITIES, "public_facility.csv")
    library, hall, park, house = map(plain, entities)
    assert library["openingHoursAsPublished"] == {"days": "火〜日", "opens": "10:00", "closes": "18:00(金曜は20:00)"}
    assert (library["seeAlsoAsPublished"], hall["imageAsPublished"]) == ("準備中", "kan.jpg")
    assert {"openingHours", "seeAlso"} & library.keys() == set()
    assert (hall["openingHours"], hall["openingHoursAsPublished"]["days"]) == (
        "Mo-Fr 08:30-17:00",
        "月〜金(祝日を除く)",
    )
    assert (park["location"]["coordinates"], park["openingHours"]) == ([130.465, 33.715], "Mo-Su 00:00-24:00")
    assert (house["locationAsPublished"], house["openingHoursAsPublished"]) == (
        {"latitude": "51.5", "longitude": "-0.1"},
        {"days": "不定期"},
    )
    rules = {each["rule"] for each in report["repaired"]}
    assert rules >= {"unreadable-time", "unreadable-url", "days-without-times", "position-outside"}


def test_what_cannot_be_read_is_written_back_into_its_cells() -> None:
    events = "ID,イベント名,開始日,定員,開始時間\n1,健康講座,毎月第2火曜,若干名,午後\n"
    for text, name in ((FACILITIES, "public_facility.csv"), (events, "event.csv")):
        file = opened(text, name)
        entities, _ = imported(text, name)
        header, *rows = csv.reader(io.StringIO(text))
        writer = RowWriter(file.mapping, "t", header)
        back = [writer.row(entity) for entity in entities]
        assert [row[-1:] for row in back] == [row[-1:] for row in rows]
        assert back[0][-3:] == rows[0][-3:]
        again, _ = imported("\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *back]), name)
        assert again == entities


def test_a_cell_that_says_as_above_has_what_stands_above() -> None:
    entities, report = imported(
        "番号,施設名,所在地,電話番号\n1,東小,〃,1\n2,西小,東町1,0123-45-6789\n3,南小,〃,同上\n", "school.csv"
    )
    assert [plain(each)["address"]["streetAddress"] for each in entities] == ["〃", "東町1", "東町1"]
    assert plain(entities[2])["telephone"] == "0123-45-6789"
    assert {each["rule"]: each["count"] for each in report["repaired"]}["ditto"] == 2


def test_the_total_beneath_a_list_of_places_is_no_place() -> None:
    entities, report = imported("番号,施設名,所在地,収容人数\n1,東小,東町1,120\n合 計,,,120\n", "避難所.csv")
    assert [plain(each)["name"] for each in entities] == ["東小"]
    assert (report["rows"], report["accepted"], report["empty"]["rows"]) == (2, 1, [3])
    entities, _ = imported("地域名,総人口\n東町,120\n合計,120\n", "population.csv")
    assert len(entities) == 2


def test_names_of_an_app_for_parents_are_understood() -> None:
    text = "HID,Name,Add1,Add2,X,Y,OpeningDate\nT-1,月岡園,富山市,上千俵508,137.25,36.62,19710519\n"
    [nursery], _ = imported(text, "nurseryFacilities.csv")
    assert nursery["address"]["value"]["streetAddress"] == "富山市上千俵508"
    assert nursery["OpeningDate"]["value"] == {"@type": "Date", "@value": "1971-05-19"}


def test_columns_that_mean_the_same_and_say_something_else_are_both_kept() -> None:
    text = (
        "ID,NO,名称,災害種別_洪水,所在地_連結表記,住所,緯度,経度,想定収容人数,収容人数,全国地方公共団体コード,市区町村コード,所在地_町字,所在地_番地以下\n"
        "11,1,東小,1,東県西市東町1-1,東町1,35.1,139.2,100,,372013,372013,東町,1-1\n"
        "12,2,西小,1,東県西市西町1-1,,35.1,139.2,,200,372013,372013,西町,1-1\n"
    )
    sites, _ = imported(text, "evacuation.csv")
    assert [plain(each).get("NO") for each in sites] == ["1", "2"]
    assert [plain(each).get("住所") for each in sites] == ["東町1", None]
    assert [plain(each)["capacity"] for each in sites] == [100, 200]
    assert not {"市区町村コード", "収容人数", "所在地_番地以下"} & {name for each in sites for name in each}


def test_a_number_in_another_unit_than_its_column_is_no_number_of_it() -> None:
    cells = ("約150mm", "40t", "６５ｍｍ（１口）")
    rows = [f"{number},消火栓,31.4,130.3,{cell}\n" for number, cell in enumerate(cells)]
    sources = [plain(each) for each in imported("ID,種別,緯度,経度,口径\n" + "".join(rows), "fire_hydrant.csv")[0]]
    assert [each.get("diameter") for each in sources] == [150, None, None]
    assert [each.get("diameterAsPublished") for each in sources] == [None, "40t", "６５ｍｍ（１口）"]


def test_a_blank_row_above_the_source_does_not_hide_numbers_and_names() -> None:
    entities, report = imported(
        "No.,観光地点名,緯度,経度\n1,城跡,35.5,137.5\n2,温泉館,35.5,137.6\n,,,\n資料：観光課,,,\n", "kanko.csv"
    )
    assert (report["named_by"], [plain(each)["name"] for each in entities]) == ("number", ["城跡", "温泉館"])
