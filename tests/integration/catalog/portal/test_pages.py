"""The portal's pages as HTTP gives them: who gets a page, in which language, under which policy."""

import html
import json
import re
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.datastructures import QueryParams

from services.catalog.domain.dataset import Kind
from services.catalog.domain.licence import LICENCES
from services.catalog.portal import words
from services.catalog.portal.language import Language
from services.catalog.portal.results import Question
from services.catalog.vocabularies.schemes import schemes
from tests.integration.catalog.portal.conftest import City

pytestmark = pytest.mark.xdist_group("portal")
PAGES = [
    *("/", "/search", "/search?q=公園&page=2&sort=title", "/organization"),
    *("/late", "/live", "/developers", "/licences", "/data-map", "/vocabularies/entity-types/EvacuationSite"),
]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def read(city: City, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{city.url}{path}", headers={**BROWSER, **headers})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_both_languages_and_trusts_its_own_origin_alone(city: City, path: str) -> None:
    for language in ("ja", "en"):
        answer = read(city, path, **{"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        assert f'<html lang="{language}">' in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert (
            re.findall(r'(?:src|href)="//|<script(?![^>]* (?:src=|type="application/ld.json"))|style="', answer.text)
            == []
        )


def test_what_nobody_has_is_said_in_a_page_to_browsers_and_as_a_problem_to_programs(city: City) -> None:
    page = read(city, "/nowhere/at-all", **{"Accept-Language": "ja"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    program = httpx.get(f"{city.url}/nowhere/at-all")
    assert (program.status_code, program.json()["status"]) == (404, 404)


def test_search_engines_learn_where_the_pages_are_and_links_are_checked_by_their_heads(city: City) -> None:
    assert f"Sitemap: {city.url}/sitemap.xml" in httpx.get(f"{city.url}/robots.txt").text
    for path in (f"/datasets/{city.live}/download.csv", f"/dataset/{city.live}.ttl", "/api/3/action/package_list"):
        head = httpx.head(f"{city.url}{path}")
        kind = httpx.get(f"{city.url}{path}").headers["content-type"]
        assert (head.status_code, head.headers["content-type"], head.content) == (200, kind, b"")


def test_related_data_are_about_the_same_thing(city: City) -> None:
    page = read(city, f"/dataset/{city.live}", **{"Accept-Language": "ja"}).text
    _, _, others = page.partition('id="related"')
    assert "指定緊急避難場所・指定避難所" in others
    assert "公衆トイレ" not in others


def test_what_a_search_leaves_out_is_not_shown_as_chosen_and_english_counts_in_english(city: City) -> None:
    page = read(city, "/search?q=津波避難ビル&place=どこか&from=2026-13-45", **{"Accept-Language": "en"}).text
    assert "These could not be read" in page
    assert 'class="chosen"' not in page
    assert re.search(r"1 data set\b(?!s)", page)
    assert "：" not in re.sub(r"<[^>]+>", "", page)


def test_a_choice_of_language_is_remembered(city: City) -> None:
    chosen = read(city, "/?lang=en", **{"Accept-Language": "ja"})
    cookie = chosen.headers["set-cookie"].partition(";")[0]
    assert '<html lang="en">' in read(city, "/", Cookie=cookie, **{"Accept-Language": "ja"}).text
    assert '<html lang="ja">' in read(city, "/?lang=ja", Cookie=cookie).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr", "en"),
        ("fr, ja;q=0.5", "ja"),
        ("en;q=0.2, ja;q=0.9", "ja"),
        ("*", "ja"),
        ("", "ja"),
        ("en-GB", "en"),
        ("x;q=9", "ja"),
    ],
)
def test_the_browsers_wish_decides_where_nothing_else_is_said(city: City, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in read(city, "/", **{"Accept-Language": accepted}).text


def test_programs_get_data_where_readers_get_pages(city: City) -> None:
    path = f"{city.url}/dataset/{city.live}"
    assert "<html" in httpx.get(path, headers=BROWSER).text
    assert httpx.get(path, headers={"Accept": "text/turtle"}).headers["content-type"].startswith("text/turtle")
    assert httpx.get(path).headers["content-type"] == "application/ld+json"
    assert httpx.get(f"{city.url}/licences").json()[0]["id"] == "CC-BY-4.0"
    assert "<h1>" in httpx.get(f"{city.url}/licences", headers=BROWSER).text


def test_search_engines_find_what_a_data_set_is_in_its_page(city: City) -> None:
    page = read(city, f"/dataset/{city.live}").text
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    described = httpx.get(f"{city.url}/dataset/{city.live}.jsonld", params={"profiles": "schemaorg"}).json()
    assert json.loads(written) == described
    assert f'<meta property="og:title" content="{described["name"]}">' in page


def test_addresses_of_ckans_pages_lead_to_ours(city: City) -> None:
    asked = f"/dataset?q=AED&tags=防災&organization={city.tenant}&groups=tran&res_format=CSV&sort=title_string+asc"
    places = {
        asked: f"/search?q=AED+%E9%98%B2%E7%81%BD&publisher={city.tenant}&theme=TRAN&format=CSV&sort=title",
        "/dataset": "/search?",
        "/group/envi": "/search?theme=ENVI",
    }
    for path, leads in places.items():
        answer = httpx.get(f"{city.url}{path}")
        assert (answer.status_code, answer.headers["location"]) == (302, leads)
    assert "<h1>" in httpx.get(f"{city.url}/organization").text, "for who accepts anything, too"


@pytest.mark.parametrize(
    "path", ["/dataset/nothing-here", "/organization/nobody", "/vocabularies/entity-types/Nothing"]
)
def test_what_is_not_there_is_said_on_a_page_that_helps(city: City, path: str) -> None:
    answer = read(city, path)
    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text
    assert 'action="/search"' in answer.text


def test_nothing_that_is_typed_becomes_part_of_a_page(city: City) -> None:
    for given in ('"><script>alert(1)</script>', "'\";<!--", "{{ 70001 * 7 }}", "\x00あ"):
        answer = httpx.get(
            f"{city.url}/search", params={"q": given, "theme": given, "page": given, "lang": given}, headers=BROWSER
        )
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "490007" not in answer.text


def test_files_of_the_portal_are_kept_by_browsers_and_named_by_what_they_hold(city: City) -> None:
    page = read(city, "/live").text
    files = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
    assert any("maplibre-gl.js" in file for file in files)
    for file in files:
        answer = httpx.get(f"{city.url}{file}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(f"{city.url}/assets/../main.py").status_code == 404
    assert httpx.get(f"{city.url}/assets/nothing.js").status_code == 404


def test_a_data_set_is_shown_under_its_name(city: City) -> None:
    identifier = httpx.get(f"{city.url}/datasets/{city.live}").json()["id"]
    answer = read(city, f"/dataset/{identifier}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/dataset/{city.live}")


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words(language: Language) -> None:
    for licence in LICENCES:
        assert words.terms(licence, language)
        assert words.licence_name(licence, language) != licence
    assert {words.kind_name(kind, language) for kind in Kind}.isdisjoint(set(Kind))


def test_a_question_is_read_from_the_address_and_written_into_it() -> None:
    question = Question.of(QueryParams("q=公園&theme=ENVI&page=3&sort=nothing&unknown=1"))
    assert (question.words, question.choices, question.page, question.sort) == (
        "公園",
        (("theme", "ENVI"),),
        3,
        "relevance",
    )
    assert question.toggled("theme", "ENVI") == "/search?q=%E5%85%AC%E5%9C%92"
    assert question.toggled("format", "csv").endswith("theme=ENVI&format=csv")
    assert question.at(4).endswith("page=4")


def test_an_entity_has_a_page_with_its_attributes_and_the_course_of_a_number(city: City) -> None:
    entity = "urn:ngsi-ld:EvacuationSite:2"
    for hour, value in ((1, 21.5), (2, 22.5), (3, 24)):
        observed = {"type": "Property", "value": value, "unitCode": "CEL", "observedAt": f"2026-08-01T0{hour}:00:00Z"}
        written = httpx.post(
            f"{city.broker}/ngsi-ld/v1/entities/{entity}/attrs",
            json={"temperature": observed},
            headers={"NGSILD-Tenant": city.tenant},
        )
        assert written.status_code == 204, written.text
    answer = httpx.get(f"{city.url}/dataset/{city.live}/entity", params={"id": entity}, headers=BROWSER)
    assert answer.status_code == 200
    assert "<h1>中央公園</h1>" in answer.text
    assert "<td>24 °C</td><td>2026年8月1日 12:00</td>" in answer.text
    (points,) = re.findall(r'<polyline class="line" points="([^"]+)"', answer.text)
    assert len(points.split()) == 3
    table = httpx.get(f"{city.url}/dataset/{city.live}?lang=ja", headers=BROWSER).text
    assert 'entity?id=urn%3Angsi-ld%3AEvacuationSite%3A2">中央公園</a>' in table
    for other, status in (("urn:ngsi-ld:EvacuationSite:99", 404), ("", 404), ("../../v2/entities", 400)):
        lost = httpx.get(f"{city.url}/dataset/{city.live}/entity", params={"id": other}, headers=BROWSER)
        assert lost.status_code == status, other


def test_a_map_names_its_layers_in_its_address_and_lists_them_without_scripts(city: City) -> None:
    names = [("dataset", each) for each in (city.gauges, city.live, "nothing")]
    page = httpx.get(f"{city.url}/live", params=[*names, ("lang", "ja")], headers=BROWSER).text
    assert set(re.findall(r'value="([^"]+)" checked', page)) == {city.live, city.gauges}
    (written,) = re.findall(r'data-layers="([^"]+)"', page)
    gauges, sites = json.loads(html.unescape(written))
    assert (gauges["name"], sites["name"]) == (city.gauges, city.live)
    assert gauges["symbol"]["path"] != sites["symbol"]["path"]
    assert [(each["label"], each["unit"]) for each in gauges["attributes"]] == [("警戒レベル", ""), ("水位", "m")]
    assert "警戒レベル2以上" in page
    assert "見つからないデータがあります：nothing" in page
    assert all(f'">{name}</a>' in page for name in ("久喜津", "玉藻公園"))
    assert "表示するデータを選んでください。" in read(city, "/live?dataset=").text
    many = read(city, "/live?" + "&".join(f"dataset={number}" for number in range(8))).text
    assert "残りの2種類は表示していません" in many
    (gauge,) = httpx.get(f"{city.url}{gauges['features']}").json()["features"]
    assert set(gauge["properties"]) >= {"name", "waterLevel", "alertLevel"}
    with httpx.stream("GET", f"{city.url}/live/changes", params=names) as changes:
        assert changes.headers["content-type"].startswith("text/event-stream")
        begun = ""
        for part in changes.iter_text():
            begun += part
            if all(f"event: ready {tenant}\n" in begun for tenant in (city.tenant, city.neighbour)):
                break
    assert "id:" not in begun
    assert httpx.get(f"{city.url}/live/changes?dataset=nothing").status_code == 404


def test_new_data_are_told_as_a_feed_also_of_a_search(city: City) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    page = read(city, "/search?kind=live&q=避難場所").text
    (link,) = re.findall(r'type="application/atom\+xml" href="([^"]+)"', page)
    answer = httpx.get(f"{city.url}{html.unescape(link)}")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    links = [each.get("href") for each in feed.findall(f"{atom}entry/{atom}link")]
    assert links == [f"{city.url}/dataset/{city.live}"]
    whole = ET.fromstring(httpx.get(f"{city.url}/feed.atom", params={"q": "\x0b公園<"}).content)
    assert whole.findtext(f"{atom}title") == "新しいデータ：公園< | 広場 データカタログ"
    described = ET.fromstring(read(city, "/opensearch.xml").content)
    assert f"{city.url}/search?q={{searchTerms}}" in {each.get("template") for each in described}


def test_a_type_of_entities_has_a_page_with_model_example_and_data(city: City) -> None:
    page = read(city, "/vocabularies/entity-types/EvacuationSite?lang=ja").text
    assert "<code>unavailable</code> × 使えない" in page
    assert "urn:ngsi-ld:EvacuationSite:" in page
    assert f'href="/dataset/{city.live}"' in page
    assert 'href="/vocabularies/entity-types/EvacuationSite"' in read(city, f"/dataset/{city.live}").text
    for name in schemes()["entity-types"].concepts:
        assert read(city, f"/vocabularies/entity-types/{name}").status_code == 200, name


def test_a_search_is_bound_to_an_area_and_to_days(city: City) -> None:
    def found(**fields: str) -> list[str]:
        answer = httpx.get(f"{city.url}/search", params={"kind": "live", **fields}, headers=BROWSER)
        assert answer.status_code == 200
        return re.findall(r'<h3><a href="/dataset/([^"]+)"', answer.text)

    box = {"west": "134.0", "south": "34.3", "east": "134.1", "north": "34.4"}
    assert found(**box) == [city.live]
    assert found(**{**box, "south": "35", "north": "36"}) == []
    assert {city.live, city.gauges} <= set(found(**{"from": "2026-01-01", "to": "9999-12-31", "dates": "changed"}))
    assert found(to="2020-01-01", dates="changed") == []
    assert found(place="高松市") == []


def test_fields_that_cannot_be_read_are_said_and_bind_nothing(city: City) -> None:
    answer = read(city, "/search?kind=live&place=へいわ市&west=x&from=きのう")
    assert f'"/dataset/{city.live}"' in answer.text
    for name in ("place", "west", "from"):
        assert f'id="{name}-wrong"' in answer.text
        assert f'href="#{name}"' in answer.text


def test_the_quality_of_a_description_is_said_in_words(city: City) -> None:
    for language in ("ja", "en"):
        page = read(city, f"/dataset/{city.live}?lang={language}").text
        quality = httpx.get(f"{city.url}/datasets/{city.live}/quality").json()
        assert str(quality["points"]) in page
        assert [each["name"] for each in quality["metrics"] if f">{each['name']}<" in page] == []
