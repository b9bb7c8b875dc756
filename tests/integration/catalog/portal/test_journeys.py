"""What people come for, in a real browser: with a mouse, a phone, a keyboard, in both languages, without scripts."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration.catalog.portal.conftest import AXE, PATIENCE_S, SITES, City

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("portal")]
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
CHECK = f"""
axe.run(document, {{runOnly: {RULES}}}).then(found => found.violations.map(each => each.id + ': ' + each.nodes[0].html))
"""


def find_the_site(page: Page, words: str, title: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.fill(words)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(f"^{title}")).first.click()


def read_download(page: Page, button: str, directory: Path) -> list[dict[str, str]]:
    with page.expect_download() as started:
        page.get_by_role("link", name=button).click()
    file = directory / started.value.suggested_filename
    started.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_an_evacuation_sites_data_are_found_and_downloaded_as_csv(page: Page, tmp_path: Path) -> None:
    find_the_site(page, "避難所", "避難場所（")
    expect(page.get_by_role("cell", name="玉藻公園")).to_be_visible()
    rows = read_download(page, "CSVをダウンロード", tmp_path)
    assert {row["名称"] for row in rows} == set(SITES)


def test_the_same_in_english_without_scripts_on_a_phone(browser: Browser, city: City, tmp_path: Path) -> None:
    phone = {"width": 390, "height": 844}
    context = browser.new_context(java_script_enabled=False, locale="en-GB", base_url=city.url, viewport=phone)
    page = context.new_page()
    find_the_site(page, "evacuation", "Evacuation sites")
    rows = read_download(page, "Download CSV", tmp_path)
    assert len(rows) == len(SITES)
    context.close()


def test_data_of_an_area_are_found_by_a_rectangle_drawn_on_the_map(page: Page, city: City) -> None:
    page.goto("/search?q=避難&west=134.02&south=34.32&east=134.08&north=34.37")
    area = page.locator("[data-area]")
    expect(area).to_have_attribute("data-ready", "true", timeout=PATIENCE_S * 1000)
    page.get_by_role("button", name="四角で囲む").click()
    shown = area.locator("canvas").bounding_box()
    assert shown is not None
    for corner, act in ((0.4, page.mouse.down), (0.6, page.mouse.up)):
        page.mouse.move(shown["x"] + shown["width"] * corner, shown["y"] + shown["height"] * corner)
        act()
    assert float(page.get_by_label("西（経度）").input_value()) > 134.02
    page.get_by_role("button", name="この条件で探す").click()
    expect(page.get_by_role("link", name=re.compile("地図の範囲"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^避難場所（"))).to_be_visible()


def test_the_same_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ移動")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("避難")
    offers = page.get_by_role("option")
    expect(offers.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(offers.first).to_have_attribute("aria-selected", "true")
    chosen = offers.first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text(chosen)


def test_a_live_data_set_is_used_from_python_as_its_page_shows(page: Page, city: City) -> None:
    page.goto(f"/dataset/{city.live}")
    shown = page.get_by_role("region", name="Python").inner_text()
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(f"{len(SITES)}\n")


def test_the_example_for_javascript_runs_in_a_browser(page: Page, city: City) -> None:
    page.goto(f"/dataset/{city.live}")
    shown = page.get_by_role("region", name="JavaScript").inner_text()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "log" else None)
    page.evaluate(f"(async () => {{ {shown} }})()")
    assert said[0] == str(len(SITES))


def test_the_example_for_curl_saves_the_file(page: Page, city: City, tmp_path: Path) -> None:
    page.goto(f"/dataset/{city.live}")
    shown = page.get_by_role("region", name="curl").inner_text()
    subprocess.run(["sh", "-c", shown], cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert len((tmp_path / f"{city.live}.csv").read_text(encoding="utf-8").splitlines()) == len(SITES) + 1


def test_the_live_map_shows_entities_without_internet_and_follows_them(page: Page, city: City) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/live?dataset={city.live}")
    expect(page.locator("[data-map-status]")).to_contain_text(f"{len(SITES)}件を表示しています")
    expect(page.locator(".map canvas")).to_be_visible()
    entity = {
        "id": "urn:ngsi-ld:EvacuationSite:new",
        "type": "EvacuationSite",
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [134.03, 34.34]}},
    }
    tenant, entities = {"NGSILD-Tenant": city.tenant}, f"{city.broker}/ngsi-ld/v1/entities"
    status = page.locator("[data-map-status]")
    assert httpx.post(entities, json=entity, headers=tenant).status_code == 201
    try:
        expect(status).to_contain_text(f"{len(SITES) + 1}件を表示しています", timeout=PATIENCE_S * 1000)
    finally:
        httpx.delete(f"{entities}/{entity['id']}", headers=tenant)
    expect(status).to_contain_text(f"{len(SITES)}件を表示しています", timeout=PATIENCE_S * 1000)
    page.get_by_text(re.compile(f"^{city.neighbour}$")).click()
    page.get_by_role("checkbox", name=re.compile("^河川水位")).check()
    expect(page.get_by_role("heading", name=re.compile("^河川水位"))).to_be_visible()
    expect(page.locator(".map")).to_have_attribute("data-ready", re.compile(f"(?=.*{city.live}).*{city.gauges}"))
    expect(status).to_contain_text(f"{len(SITES) + 1}件を表示しています")
    assert all(f"dataset={name}" in page.url for name in (city.live, city.gauges))
    page.get_by_role("checkbox", name=re.compile("^避難場所")).uncheck()
    expect(page.locator(".map")).to_have_attribute("data-ready", city.gauges)
    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")
    told = page.locator(".maplibregl-popup")
    expect(told).to_contain_text("警戒レベル")
    expect(told.get_by_role("link", name="久喜津")).to_be_focused()
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    assert faults == []


@pytest.mark.needs("axe")
@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_has_a_barrier_that_axe_knows(page: Page, city: City, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    script = Path(AXE).read_text(encoding="utf-8")
    entity = f"/dataset/{city.live}/entity?id=urn:ngsi-ld:EvacuationSite:2&attribute=capacity"
    shared = ["/", f"/dataset/{city.live}"]
    pages = {
        "ja": [
            *shared,
            "/search?q=公園&west=134&south=x",
            f"/organization/{city.tenant}",
            f"/organization/{city.tenant}/service/ngsi-ld",
            "/developers",
            entity,
            f"/live?dataset={city.live}&dataset={city.gauges}",
            "/data-map",
        ],
        "en": shared,
    }
    for language, path in ((language, path) for language, paths in pages.items() for path in paths):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        page.evaluate(script)
        assert page.evaluate(CHECK) == [], path
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, f"{path} is wider than the window"
