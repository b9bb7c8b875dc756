"""Drawing data maps, holding them against each other, writing them."""

import csv
import dataclasses
import io
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.catalog.datamap.data_map import DataMap, Origin, Receiver
from services.catalog.datamap.difference import View, difference
from services.catalog.datamap.draw import draw
from services.catalog.datamap.facts import AgreementFact, Facts, ServiceFact, SourceFact, SubscriptionFact
from services.catalog.datamap.sheets import DATASET_COLUMNS, to_csv, to_html, to_xlsx
from services.catalog.datamap.sources import source_of
from services.catalog.domain.dataset import Access, Agent, Content, Dataset, Kind, Live, Publisher, State
from services.catalog.domain.distribution import Distribution

CITY = Publisher(1, "takamatsu", "高松市")
RIVERS = "デバイス 103台（随時（変更時）、MQTT）, コンテキストブローカー"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FETCHED = source_of(
    {
        "kind": "connector",
        "service_path": "/bus/live",
        "types": ["BusPosition"],
        "name": "positions",
        "title": "",
        "host": "gtfs.example.jp",
        "schedule": {"every_s": 120, "at": None},
        "is_active": True,
    }
)
FACTS = Facts(
    services=[
        ServiceFact("bus", "バス運行情報", "交通社", "/bus", "active", ("BusPosition", "Driver", "Stop")),
        ServiceFact("town", "まちアプリ", "町社", "/town", "active", ("Visit",)),
    ],
    agreements=[AgreementFact("bus", "town", ("BusPosition",), ("read", "subscribe"))],
    subscriptions=[SubscriptionFact(("WaterLevel",), "防災ポータル", "NGSI-LD 通知 (HTTPS)", 60)],
    sources=[SourceFact(("WaterLevel",), "デバイス 103台", "/rivers", "随時（変更時）", "MQTT"), FETCHED],
    gaps=["ingest /connectors: 404"],
)


def live(type_name: str, title: str, **more: Any) -> Dataset:
    content = Content({"ja": title}, {"ja": title}, frequency="UPDATE_CONT")
    known = Live(f"https://e.jp/{type_name}", type_name)
    made = Dataset(uuid.uuid5(uuid.NAMESPACE_DNS, type_name), type_name.lower(), CITY, Kind.LIVE, content, NOW, NOW)
    return dataclasses.replace(made, live=known, **more)


def file() -> Dataset:
    form = Distribution("https://opendata.city.example.jp/aed.csv", format="CSV")
    content = Content({"ja": "AED"}, {"ja": "AED"}, frequency="ANNUAL", distributions=(form,), creator=Agent("消防局"))
    return Dataset(uuid.uuid4(), "aed", CITY, Kind.FILE, content, NOW, NOW)


DATASETS = [
    live("Stop", "停留所"),
    live("BusPosition", "バス位置", access=Access.RESTRICTED),
    live("WaterLevel", "河川水位", access=Access.RESTRICTED, unit="/rivers"),
    file(),
    live("Draft", "下書き", state=State.DRAFT),
]
MAP = draw(DATASETS, FACTS, "2026-11-21T00:00:00.000Z", ("takamatsu", "高松市"))


def test_what_a_service_collects_is_for_itself_or_for_others_never_both() -> None:
    bus, town = MAP.services
    assert bus.internal == ("Driver",)
    assert bus.external == ("バス位置 [BusPosition]", "停留所 [Stop]")
    assert not set(bus.internal) & set(bus.external)
    assert bus.receivers == (
        Receiver("まちアプリ", "随時（変更時）", "NGSI-LD, NGSIv2"),
        Receiver("一般公開（オープンデータ）", "随時（要求時）", "NGSI-LD, NGSIv2, CSV"),
    )
    assert (town.intake, town.internal, town.external, town.receivers) == (
        ("バス位置 [BusPosition]",),
        ("Visit",),
        (),
        (),
    )


def test_an_agreement_on_everything_lets_all_types_be_taken_in() -> None:
    facts = dataclasses.replace(FACTS, agreements=[AgreementFact("bus", "town", ("*",), ("read",))])
    drawn = draw([], facts, "", ("t", "t"))
    assert drawn.services[1].intake == ("BusPosition", "Driver", "Stop")
    assert (drawn.services[0].internal, len(drawn.services[0].external)) == ((), 3)


def test_each_data_set_has_its_unit_its_place_and_how_each_receiver_gets_it() -> None:
    entries = {each.key: each for each in MAP.datasets}
    assert entries.keys() == {"stop", "busposition", "waterlevel", "aed"}, "a draft is no asset yet"
    river = entries["waterlevel"]
    assert (river.owner, river.place) == (
        "高松市 rivers",
        RIVERS,
    )
    assert river.receivers == (Receiver("防災ポータル", "60秒に1回まで", "NGSI-LD 通知 (HTTPS)"),)
    aed = entries["aed"]
    assert (aed.owner, aed.place) == ("高松市 消防局", "opendata.city.example.jp")
    assert aed.receivers == (Receiver("一般公開（オープンデータ）", "毎年", "CSV"),)
    assert entries["busposition"].origins == (Origin("positions gtfs.example.jp", "2分ごと", "HTTP取得"),)
    assert MAP.services[0].intake == ("バス位置 [BusPosition] ← positions gtfs.example.jp（2分ごと、HTTP取得）",)
    assert MAP.services[1].intake == ("バス位置 [BusPosition]",), "the connector writes into the other service's area"
    assert entries["busposition"].receivers == (Receiver("まちアプリ", "随時（変更時）", "NGSI-LD, NGSIv2"),)


def test_a_map_comes_back_from_its_document() -> None:
    assert DataMap.of(MAP.document) == MAP
    earlier = MAP.document
    for each in earlier["datasets"]:
        del each["origins"]
    assert [each.origins for each in DataMap.of(earlier).datasets] == [()] * 4


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ({"kind": "devices", "count": 3, "transport": "MQTT"}, Origin("デバイス 3台", "随時（変更時）", "MQTT")),
        ({"kind": "files", "name": "aed.csv", "feed": ""}, Origin("aed.csv", "随時（取込時）", "ファイル取込")),
        ({"kind": "push", "title": "水位"}, Origin("水位", "随時（変更時）", "HTTP受信")),
        (
            {"kind": "connector", "name": "a", "schedule": {"every_s": None, "at": "15 6 * * *"}},
            Origin("a", "定時 (15 6 * * *)", "HTTP取得"),
        ),
        ({"kind": "connector", "name": "a", "is_active": False}, Origin("a", "停止中", "HTTP取得")),
    ],
)
def test_sources_are_named_with_how_often_and_how_they_come(told: dict[str, Any], origin: Origin) -> None:
    plain = {"types": ["T"], "service_path": "/", "title": "", "name": "", "host": "", "schedule": None}
    found = source_of({**plain, "is_active": True, **told})
    assert (found.types, Origin(found.system, found.frequency, found.method)) == (("T",), origin)


def test_the_difference_names_what_is_new_gone_and_altered() -> None:
    facts = dataclasses.replace(FACTS, subscriptions=[], services=FACTS.services[:1])
    later = draw([*DATASETS[:3], live("Park", "公園")], facts, "2026-12-01", ("takamatsu", "高松市"))
    steps = {(each.view, each.key): each for each in difference(MAP, later)}
    kinds = {key: each.kind for key, each in steps.items()}
    assert kinds == {
        (View.SERVICES, "bus"): "changed",
        (View.SERVICES, "town"): "removed",
        (View.DATASETS, "aed"): "removed",
        (View.DATASETS, "busposition"): "changed",
        (View.DATASETS, "park"): "added",
        (View.DATASETS, "waterlevel"): "changed",
    }
    (altered,) = steps[View.DATASETS, "waterlevel"].altered
    assert (altered.member, len(altered.before), altered.after) == ("receivers", 1, ())
    assert difference(MAP, MAP) == []


def test_csv_has_the_columns_of_the_template_and_a_mark_for_excel() -> None:
    text = to_csv(MAP, View.DATASETS).decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(text))
    assert tuple(heading) == DATASET_COLUMNS
    assert [row[0] for row in rows[1:]] == ["バス位置", "停留所", "河川水位"], "by unit, then by title"
    assert rows[-1][:3] == [
        "河川水位",
        "高松市 rivers",
        RIVERS,
    ]
    evil = dataclasses.replace(MAP, datasets=(dataclasses.replace(MAP.datasets[0], name="=1+1"),))
    assert "'=1+1" in to_csv(evil, View.DATASETS).decode("utf-8-sig")


def test_the_workbook_has_both_views() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(MAP)))
    assert book.sheet_names == ["サービス側", "データアセット側"]
    title, heading, *rows = book.get_sheet_by_index(0).to_python()
    assert (str(title[0])[:3], heading[0], rows[0][0], len(rows)) == ("高松市", "サービス名", "バス運行情報", 2)


def test_the_page_escapes_what_others_wrote_and_tells_gaps() -> None:
    evil = dataclasses.replace(MAP, datasets=(dataclasses.replace(MAP.datasets[0], name="<script>"),))
    page = to_html(evil)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "ingest /connectors: 404" in page
