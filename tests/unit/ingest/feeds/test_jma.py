"""Reports of the meteorological agency: what is real, what is not, and what holds no longer."""

import re

import pytest

from services.ingest.feeds.feed import Document
from services.ingest.feeds.jma.atom import pack
from services.ingest.feeds.jma.entities import municipality_code
from services.ingest.feeds.jma.feed import JmaFeed
from services.ingest.feeds.jma.kinds import is_in_force, severity_of, subject_of, warns
from services.ingest.feeds.jma.positions import depth_km_of, point_of
from services.kernel.errors import InvalidRequest
from tests.unit.ingest.feeds.documents import DESTINATION, RECEIVED, entities, read, report

FEED = JmaFeed()


@pytest.mark.parametrize(("status", "kind"), [("通常", "Alert"), ("訓練", "AlertExercise"), ("試験", "AlertTest")])
def test_exercises_and_tests_share_neither_type_nor_id_with_what_is_real(status: str, kind: str) -> None:
    content = report("weather").replace("<Status>通常".encode(), f"<Status>{status}".encode())
    found = entities(FEED, content)
    assert {each["type"] for each in found.values()} == {kind}
    assert all(identifier.startswith(f"urn:ngsi-ld:{kind}:") for identifier in found)


@pytest.mark.parametrize("status", ["", "通常 ", "実施", "Normal"])
def test_a_report_that_does_not_say_whether_it_is_real_is_refused(status: str) -> None:
    content = report("weather").replace("<Status>通常".encode(), f"<Status>{status}x".encode())
    with pytest.raises(InvalidRequest, match="Control/Status"):
        read(FEED, content)


def test_what_a_municipality_has_in_force_is_told_without_what_is_lifted() -> None:
    found = entities(FEED, report("weather"))
    city, other = (found[f"urn:ngsi-ld:Alert:takamatsu-jma-weather-{code}"] for code in ("3720100", "3720200"))
    assert (city["status"]["value"], city["severity"]["value"]) == ("active", "medium")
    assert city["warnings"]["value"] == ["大雨警報", "洪水注意報"]
    assert city["municipalityCode"]["value"] == "372013"
    assert (other["status"]["value"], other["warnings"]["value"]) == ("lifted", [])


def test_a_report_that_takes_back_says_so_of_the_whole_event() -> None:
    former, later = entities(FEED, report("tsunami-drill")), entities(FEED, report("tsunami-cancelled"))
    assert len(later) == 1
    (bulletin,) = later.values()
    assert bulletin["id"] in former
    assert bulletin["status"]["value"] == "cancelled"


def test_the_same_report_has_the_same_keys_and_a_correction_others() -> None:
    content = report("earthquake")
    keys = [{each.key for each in FEED.read(Document(text, RECEIVED), DESTINATION)} for text in (content, content)]
    corrected = content.replace(b"03:14:32Z", b"03:20:00Z")
    assert keys[0] == keys[1]
    assert not keys[0] & {each.key for each in FEED.read(Document(corrected, RECEIVED), DESTINATION)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<Report/>",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><Report>&d;</Report>',
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><Report/>',
        report("weather").replace("<InfoType>発表".encode(), "<InfoType>未定".encode()),
        report("weather").replace(b"2026-08-20T09:41:00+09:00", b"yesterday"),
        report("weather").replace(b"2026-08-20T09:41:00+09:00", b"2026-08-20T09:41:00"),
    ],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(FEED, content)


@pytest.mark.parametrize(
    ("name", "kind", "severity"),
    [
        ("大雨特別警報", "気象特別警報・警報・注意報", "critical"),
        ("レベル４土砂災害危険警報", "気象警報・注意報", "high"),
        ("レベル5大雨特別警報", "気象警報・注意報", "critical"),
        ("暴風警報", "気象警報・注意報", "medium"),
        ("強風注意報", "気象警報・注意報", "low"),
        ("大津波警報", "津波警報・注意報・予報", "critical"),
        ("津波警報", "津波警報・注意報・予報", "high"),
        ("津波注意報", "津波警報・注意報・予報", "low"),
        ("警戒", "土砂災害警戒情報", "high"),
        ("氾濫発生情報", "指定河川洪水予報", "critical"),
        ("レベル５（避難）", "噴火警報・予報", "critical"),
        ("津波予報（若干の海面変動）", "津波警報・注意報・予報", "informational"),
    ],
)
def test_each_kind_is_as_grave_as_its_name_says(name: str, kind: str, severity: str) -> None:
    assert severity_of(name, kind) == severity


def test_what_is_lifted_or_none_is_not_in_force() -> None:
    assert is_in_force("雷注意報", "継続")
    assert not is_in_force("雷注意報", "解除")
    assert not is_in_force("津波なし", "")
    assert not is_in_force("", "発表警報・注意報はなし")


def test_subjects_are_told_by_the_kind_of_report() -> None:
    kinds = (
        "津波情報",
        "震度速報",
        "噴火警報・予報",
        "指定河川洪水予報",
        "土砂災害警戒情報",
        "竜巻注意情報",
        "府県気象情報",
    )
    found = [subject_of(kind)[0] for kind in kinds]
    assert found == ["tsunami", "earthquake", "volcano", "flood", "landslide", "tornado", "weather"]


def test_places_are_read_in_degrees_and_in_minutes() -> None:
    assert point_of("+34.3+134.2-10000/") == {"type": "Point", "coordinates": [134.2, 34.3]}
    assert point_of("+3624.38+13831.38+2568/") == {"type": "Point", "coordinates": [138.523, 36.406333]}
    assert point_of("-3.5-010.25/") == {"type": "Point", "coordinates": [-10.25, -3.5]}
    assert point_of("震源要素不明") is None
    assert depth_km_of("+34.3+134.2-10000/") == 10
    assert depth_km_of("+34.3+134.2/") is None


def test_a_municipality_has_its_check_digit() -> None:
    assert [municipality_code(code) for code in ("3720100", "1310100", "570", "37201AA")] == [
        "372013",
        "131016",
        "",
        "",
    ]


def test_a_city_hears_of_its_own_places_only() -> None:
    found = entities(FEED, report("weather"), places="3720100")
    assert {name.rpartition("jma-")[2] for name in found if "report" not in name} == {"weather-3720100"}
    assert entities(FEED, report("weather"), places="東京都、13") == {}
    quake = entities(FEED, report("earthquake"), places="さぬき")
    (event,) = [each for name, each in quake.items() if "report" not in name]
    assert [each["name"] for each in event["intensities"]["json"]] == ["さぬき市"]


def test_a_report_in_a_zip_that_cannot_be_read_refuses_no_other() -> None:
    records = list(FEED.read(Document(pack([b"<Report/>", report("flood")]), RECEIVED), DESTINATION))
    assert [(each.part, each.refusal is None) for each in records] == [
        ("00001.xml", False),
        ("00002.xml", True),
        ("00002.xml", True),
    ]


@pytest.mark.parametrize(
    "title", ["生物季節観測", "府県天気予報（Ｒ１）", "全般３か月予報", "地上２４時間予想図", "地方海上予報"]
)
def test_what_does_not_warn_is_refused_as_no_alert(title: str) -> None:
    content = re.sub(r"<Title>[^<]+</Title>", f"<Title>{title}</Title>", report("weather").decode(), count=1)
    [record] = FEED.read(Document(content.encode(), RECEIVED), DESTINATION)
    assert record.refusal is not None
    assert (record.refusal.reason, record.refusal.field) == ("no-alert", "Title")
    assert title in record.refusal.detail


@pytest.mark.parametrize(
    "title", ["火山現象に関する海上警報・海上予報", "噴火警報・予報", "降灰予報（速報）", "早期天候情報"]
)
def test_what_warns_and_forecasts_is_no_forecast_alone(title: str) -> None:
    assert warns(title)
