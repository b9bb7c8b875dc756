"""Drawing data maps, holding them against each other, writing them."""

import csv
import dataclasses
import io
import uuid
from datetime import UTC, datetime
from typing import Any

from python_calamine import CalamineWorkbook

from services.catalog.datamap.data_map import DataMap, Receiver
from services.catalog.datamap.difference import View, difference
from services.catalog.datamap.draw import draw
from services.catalog.datamap.facts import AgreementFact, Facts, ServiceFact, SourceFact, SubscriptionFact
from services.catalog.datamap.sheets import DATASET_COLUMNS, to_csv, to_html, to_xlsx
from services.catalog.domain.dataset import Access, Agent, Content, Dataset, Kind, Live, Publisher, State
from services.catalog.domain.distribution import Distribution

CITY = Publisher(1, "takamatsu", "高松市")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FACTS = Facts(
    services=[
        ServiceFact("bus", "バス運行情報", "交通社", "/bus", "active", ("BusPosition", "Driver", "Stop")),
        ServiceFact("town", "まちアプリ", "町社", "/town", "active", ("Visit",)),
    ],
    agreements=[AgreementFact("bus", "town", ("BusPosition",), ("read", "subscribe"))],
    subscriptions=[SubscriptionFact(("WaterLevel",), "防災ポータル", "NGSI-LD 通知 (HTTPS)", 60)],
    sources=[SourceFact(("WaterLevel",), "デバイス 103台 (MQTT)")],
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
    assert (river.owner, river.place) == ("高松市 rivers", "デバイス 103台 (MQTT), コンテキストブローカー")
    assert river.receivers == (Receiver("防災ポータル", "60秒に1回まで", "NGSI-LD 通知 (HTTPS)"),)
    aed = entries["aed"]
    assert (aed.owner, aed.place) == ("高松市 消防局", "opendata.city.example.jp")
    assert aed.receivers == (Receiver("一般公開（オープンデータ）", "毎年", "CSV"),)
    assert entries["busposition"].receivers == (Receiver("まちアプリ", "随時（変更時）", "NGSI-LD, NGSIv2"),)


def test_a_map_comes_back_from_its_document() -> None:
    assert DataMap.of(MAP.document) == MAP


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
    assert rows[2][:3] == ["河川水位", "高松市 rivers", "デバイス 103台 (MQTT), コンテキストブローカー"]
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
