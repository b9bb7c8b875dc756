"""A department publishes a CSV: in the browser, and what the forms refuse."""

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.integration.catalog.portal.conftest import AXE, City
from tests.integration.catalog.portal.test_journeys import CHECK
from tests.unit.catalog.test_looks import FEATURES, PNG

pytestmark = pytest.mark.xdist_group("portal")
TABLE = "ID,名称,緯度,経度,定員\n1,第一保育所,34.35,134.05,90\n2,第二保育所,34.34,134.04,120\n3,幼稚園,,,60\n"
NEW = {"title": "保育所一覧", "description": "市内の保育所", "licence": "CC-BY-4.0", "data_class": "none"}


def draft(city: City, name: str = "draft.csv") -> str:
    """Upload a file over HTTP and return the draft's name."""
    answer = httpx.post(
        f"{city.url}/editor/upload", data={"tenant": city.tenant}, files={"file": (name, TABLE.encode("cp932"))}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/")[2]


def proposed(city: City) -> str:
    """Publish a file, propose to change its description, and return the data set's name."""
    name = draft(city)
    httpx.post(f"{city.url}/editor/{name}/describe", data=NEW)
    httpx.post(f"{city.url}/editor/{name}/publish", data={"step": "publish"})
    changed = {**NEW, "title": "保育所と幼稚園", "step": "draft"}
    assert httpx.post(f"{city.url}/editor/{name}/describe", data=changed).status_code == 303
    return name


def files(city: City, name: str, **asked: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(f"{city.url}/files", params={"dataset": name, **asked}).json()
    return found


def deletion(city: City, name: str) -> str:
    """Return the address within the editor where the first file of a data set is deleted."""
    return f"file/{files(city, name)[0]['id']}/delete"


@pytest.mark.needs("chromium")
def test_a_department_publishes_a_csv_and_a_resident_finds_it(page: Page, city: City, tmp_path: Path) -> None:
    file = tmp_path / "保育所.csv"
    file.write_text(TABLE, encoding="cp932")
    page.goto("/")
    page.get_by_role("link", name="データを公開する").first.click()
    page.get_by_label("提供団体").select_option(city.tenant)
    page.get_by_label("ファイル").set_input_files(file)
    page.get_by_role("button", name="次へ：中身を確認する").click()
    expect(page.get_by_text("Shift_JIS")).to_be_visible()
    expect(page.get_by_role("cell", name="第一保育所")).to_be_visible()
    page.get_by_role("link", name="このファイルを削除する").click()
    expect(page.get_by_role("heading", name="ファイルを削除しますか")).to_be_visible()
    page.get_by_role("link", name="やめる").click()
    page.get_by_role("link", name="次へ：説明を書く").click()
    page.get_by_role("button", name="保存して次へ").click()
    expect(page.get_by_role("alert")).to_contain_text("どのようなデータかを入力してください。")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("どのようなデータか")).to_be_focused()
    page.get_by_label("名前", exact=False).first.fill("保育所・幼稚園一覧")
    page.get_by_label("どのようなデータか").fill("市内にある保育所と幼稚園の場所と定員です。")
    page.get_by_label("教育・文化・スポーツ").check()
    page.get_by_label("キーワード").fill("保育、子育て")
    page.get_by_role("button", name="保存して次へ").click()
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_role("heading", name="公開しました")).to_be_visible()
    page.get_by_role("link", name="公開したページを見る").click()
    expect(page.get_by_role("cell", name="第二保育所")).to_be_visible()
    expect(page.locator("[data-map-status]")).to_contain_text("2件を表示しています")
    page.goto("/search?q=ほいく 幼稚園".replace("ほいく", "保育"))
    expect(page.get_by_role("link", name="保育所・幼稚園一覧")).to_be_visible()


@pytest.mark.needs("chromium", "axe")
def test_the_editors_pages_have_no_barrier_that_axe_knows(page: Page, city: City, tmp_path: Path) -> None:
    form = f"/editor/appearance?tenant={city.tenant}"
    Image.new("RGB", (64, 48), "#115a36").save(tmp_path / "emblem.webp")
    page.goto(f"/organization/{city.tenant}")
    page.get_by_role("link", name="団体の見せ方を変える").click()
    page.get_by_label("短い紹介", exact=True).fill("公園と避難場所のデータ")
    page.get_by_label("橙").check()
    page.get_by_label("マーク").set_input_files(tmp_path / "emblem.webp")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_role("status")).to_contain_text("保存しました。")
    name = draft(city)
    script = Path(AXE).read_text(encoding="utf-8")
    waiting = proposed(city)
    others = {"図形.geojson": json.dumps(FEATURES).encode(), "写真.png": PNG}
    for each in others.items():
        assert httpx.post(f"{city.url}/editor/{waiting}/file", files={"file": each}).status_code == 303
    pages = [f"/editor/{name}/{step}" for step in ("check", "describe", "review")]
    pages += [f"/editor/{waiting}/{step}" for step in ("review", "check", deletion(city, waiting))]
    for path in ("/editor", form, f"/organization/{city.tenant}", *pages, f"/dataset/{waiting}"):
        if path.startswith("/dataset/"):
            published = httpx.post(f"{city.url}/editor/{waiting}/publish", data={"step": "publish"})
            assert published.headers["location"].endswith("/done")
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(path)
        page.evaluate(script)
        assert page.evaluate(CHECK) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, path


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "あ" * 301}, "title"),
        ({"description": " "}, "description"),
        ({"licence": "my own"}, "licence"),
        ({"frequency": "SOMETIMES"}, "frequency"),
        ({"data_class": "personal"}, "data_class"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_name": "課\x00"}, "contact_name"),
        ({"keywords": ",".join(map(str, range(51)))}, "keywords"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(city: City, given: dict[str, str], field: str) -> None:
    name = draft(city)
    answer = httpx.post(f"{city.url}/editor/{name}/describe", data={**NEW, "contact_name": "課", **given})
    assert answer.status_code == 400
    assert f'id="{field}-wrong"' in answer.text
    assert 'value="課' in answer.text
    kept = httpx.get(f"{city.url}/datasets/{name}").json()
    assert (kept["state"], kept["titles"]) == ("draft", {"ja": "draft"})


def test_a_draft_without_a_description_is_not_published(city: City) -> None:
    name = draft(city)
    answer = httpx.post(f"{city.url}/editor/{name}/publish", data={"step": "publish"})
    assert answer.headers["location"] == f"/editor/{name}/describe"
    assert httpx.post(f"{city.url}/editor/{name}/describe", data=NEW).status_code == 303
    assert httpx.post(f"{city.url}/editor/{name}/publish", data={"step": "dance"}).status_code == 400
    assert httpx.post(f"{city.url}/editor/{name}/publish", data={"step": "publish"}).status_code == 303
    assert httpx.get(f"{city.url}/datasets/{name}").json()["titles"] == {"ja": "保育所一覧"}


def test_changes_of_published_data_wait_beside_them_until_they_are_published(city: City) -> None:
    name = proposed(city)
    review = httpx.get(f"{city.url}/editor/{name}/review").text
    assert "公開中のデータへの変更案" in review
    assert "保育所と幼稚園" in review
    assert name in httpx.get(f"{city.url}/editor").text
    assert "公開中の内容を更新する" not in httpx.get(f"{city.url}/editor/{name}/describe").text
    steps = f"{city.url}/editor/{name}/publish"
    assert httpx.get(f"{city.url}/datasets/{name}").json()["titles"] == {"ja": "保育所一覧"}
    assert httpx.post(steps, data={"step": "review"}).status_code == 303
    assert "確認を依頼しました" in httpx.get(f"{city.url}/editor/{name}/done").text
    assert httpx.post(steps, data={"step": "publish", "note": "幼稚園を追加"}).status_code == 303
    assert "公開しました" in httpx.get(f"{city.url}/editor/{name}/done").text
    assert httpx.get(f"{city.url}/datasets/{name}").json()["titles"] == {"ja": "保育所と幼稚園"}
    at_once = {**NEW, "title": "園の一覧", "step": "now"}
    assert httpx.post(f"{city.url}/editor/{name}/describe", data=at_once).status_code == 303
    assert httpx.get(f"{city.url}/datasets/{name}").json()["titles"] == {"ja": "園の一覧"}
    httpx.post(f"{city.url}/editor/{name}/describe", data={**NEW, "step": "draft"})
    (file,) = files(city, name)
    sent = {"file": (file["name"], TABLE.replace("幼稚園", "たんぽぽ"))}
    assert httpx.post(f"{city.url}/editor/{name}/file", files=sent).status_code == 303
    check = httpx.get(f"{city.url}/editor/{name}/check").text
    assert "たんぽぽ" in check
    assert f"{file['id']}/content/{quote(file['name'])}?draft=true" in check
    assert "たんぽぽ" not in httpx.get(f"{city.url}/dataset/{name}", headers={"Accept": "text/html"}).text
    assert httpx.post(steps, data={"step": "discard"}).status_code == 303
    assert "公開中のデータへの変更案" not in httpx.get(f"{city.url}/editor/{name}/review").text


def test_a_file_is_deleted_in_the_working_copy_or_at_once(city: City) -> None:
    name = proposed(city)
    address = f"{city.url}/editor/{name}/{deletion(city, name)}"
    in_japanese = {"Accept-Language": "ja"}
    asked = httpx.get(address, headers=in_japanese).text
    assert ("削除は変更案に入ります" in asked, "draft.csv" in asked) == (True, True)
    check = f"/editor/{name}/check"
    assert f'href="{address.removeprefix(city.url)}"' in httpx.get(f"{city.url}{check}").text
    assert httpx.get(address.replace("/file/", "/file/1"), headers=in_japanese).status_code == 404
    assert httpx.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert httpx.post(address, data={"step": "now"}).headers["location"] == check
    assert (len(files(city, name)), files(city, name, draft="true")) == (1, []), "readers still get it"
    assert "ファイルがまだありません" in httpx.get(f"{city.url}{check}", headers=in_japanese).text
    steps = f"{city.url}/editor/{name}/publish"
    httpx.post(steps, data={"step": "discard"})
    asked = httpx.get(address, headers=in_japanese).text
    assert ("今すぐ削除する" in asked, "変更案として保存する" in asked) == (True, True)
    assert httpx.post(address, data={"step": "draft"}).status_code == 303
    assert httpx.post(steps, data={"step": "publish"}).status_code == 303
    assert files(city, name) == []
    at_once = draft(city, "second.csv")
    address = f"{city.url}/editor/{at_once}/{deletion(city, at_once)}"
    assert "変更案" not in httpx.get(address, headers=in_japanese).text
    assert httpx.post(address).status_code == 303
    assert files(city, at_once) == []


def test_a_form_of_another_site_is_refused(city: City) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = httpx.post(
            f"{city.url}/editor/upload", data={"tenant": city.tenant}, files={"file": ("x.csv", TABLE)}, headers=headers
        )
        assert answer.status_code == 403


def test_an_upload_without_a_file_or_a_publisher_is_asked_for_again(city: City) -> None:
    for data, files in (({"tenant": city.tenant}, {"other": ("x.csv", TABLE)}), ({}, {"file": ("x.csv", TABLE)})):
        answer = httpx.post(f"{city.url}/editor/upload", data=data, files=files)
        assert answer.status_code == 400
        assert "団体とファイルを選んでください" in answer.text


def test_a_data_set_that_is_not_there_has_no_editor(city: City) -> None:
    for step in ("check", "describe", "review", "done"):
        assert httpx.get(f"{city.url}/editor/nothing/{step}").status_code == 404


def test_what_is_published_is_withdrawn_and_published_again_from_the_portal(city: City) -> None:
    name = proposed(city)
    page = f"{city.url}/dataset/{name}"
    accepted = {"Accept": "text/html", "Accept-Language": "ja"}
    assert f'href="/editor/{name}/describe"' in httpx.get(page, headers=accepted).text
    review = httpx.get(f"{city.url}/editor/{name}/review", headers=accepted).text
    assert "変更する項目：名前" in review, "members are told in words"
    for step, status, listed in (("withdraw", 404, True), ("publish", 200, False)):
        answer = httpx.post(f"{city.url}/editor/{name}/publish", data={"step": step})
        assert answer.status_code == 303
        assert httpx.get(page, headers=accepted).status_code == status
        start = httpx.get(f"{city.url}/editor", headers=accepted).text
        assert (name in start.partition('id="withdrawn"')[2]) is listed
