"""How a tenant shows itself, set through the API and the portal's form, told by every face."""

import io

import httpx
from PIL import Image
from rdflib import Graph, URIRef
from rdflib.namespace import FOAF

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.reanalyse import reanalyse
from tests.integration.catalog.conftest import TAKAMATSU

SHOWN = {
    "names": {"ja": "高松市役所", "en": "Takamatsu City Hall"},
    "descriptions": {"ja": "瀬戸の都のデータ"},
    "contact": {"name": "デジタル推進課", "email": "data@city.example.jp", "url": None},
    "accent": "green",
}
EMPTY: dict[str, object] = {"names": {}, "descriptions": {}, "contact": None, "accent": None, "emblem": None}
BROWSER = {"Accept": "text/html", "Accept-Language": "ja"}
PUBLISHER = "https://data.example.jp/organization/takamatsu"


def picture(form: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 40), "#0c472a").save(written, form)
    return written.getvalue()


async def test_a_tenant_shows_itself_in_every_face(takamatsu: httpx.AsyncClient) -> None:
    assert (await takamatsu.get("/appearance", headers=TAKAMATSU)).json() == EMPTY
    kept = await takamatsu.put("/appearance", json=SHOWN, headers=TAKAMATSU)
    assert (kept.status_code, kept.json()) == (200, {**SHOWN, "emblem": None})
    sent = await takamatsu.put("/appearance/emblem", content=picture(), headers=TAKAMATSU)
    emblem = sent.json()["emblem"]
    assert emblem.startswith(f"{PUBLISHER}/emblem.png?v=")
    drawn = await takamatsu.get(emblem.removeprefix("https://data.example.jp"))
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert drawn.content.startswith(b"\x89PNG")

    told = (await takamatsu.get("/api/3/action/organization_show?id=takamatsu")).json()["result"]
    assert (told["title"], told["description"]) == ("高松市役所", "瀬戸の都のデータ")
    assert told["image_url"] == told["image_display_url"] == emblem
    graph = Graph().parse(data=(await takamatsu.get("/catalog.ttl")).text, format="turtle")
    assert list(graph.objects(URIRef(PUBLISHER), FOAF.logo)) == [URIRef(emblem)]
    page = (await takamatsu.get("/organization/takamatsu", headers=BROWSER)).text
    assert '<body data-accent="green">' in page
    assert all(part in page for part in ("<h1>高松市役所</h1>", "瀬戸の都のデータ", "mailto:data@city.example.jp"))
    assert "emblem.png" in (await takamatsu.get("/dataset/park", headers=BROWSER)).text

    assert (await takamatsu.delete("/appearance", headers=TAKAMATSU)).status_code == 204
    assert (await takamatsu.get("/organization/takamatsu/emblem.png")).status_code == 404
    assert (await takamatsu.get("/appearance", headers=TAKAMATSU)).json() == EMPTY


async def test_data_sets_are_found_by_the_name_that_their_publisher_shows(
    takamatsu: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    async def published_by(**asked: str) -> set[str]:
        answer = await takamatsu.get("/datasets", params={"tenant": "takamatsu", **asked})
        return {each["publisher"]["title"] for each in answer.json()["items"]}

    assert await published_by() == {"takamatsu"}
    await takamatsu.put("/appearance", json=SHOWN, headers=TAKAMATSU)
    assert await published_by() == {"高松市役所"}
    await reanalyse(catalogue)
    assert await published_by(q="高松市役所") == {"高松市役所"}
    assert await reanalyse(catalogue) == 0
    await takamatsu.delete("/appearance", headers=TAKAMATSU)
    assert await published_by() == {"takamatsu"}


async def test_what_is_no_appearance_is_refused_and_named(client: httpx.AsyncClient) -> None:
    for body, field in (
        ({"accent": "#ff0000"}, "accent"),
        ({"contact": {"name": "x", "url": "javascript:alert(1)"}}, "contact.url"),
        ({"names": {"ja": ""}}, "names.ja"),
        ({"colour": "red"}, "colour"),
    ):
        refused = await client.put("/appearance", json=body, headers=TAKAMATSU)
        assert refused.status_code == 400, body
        assert field in refused.text
    for content, status in ((b"<svg/>", 400), (b"", 400), (b"\0" * 1_048_577, 413)):
        assert (await client.put("/appearance/emblem", content=content, headers=TAKAMATSU)).status_code == status


async def test_the_form_keeps_what_it_does_not_show_and_says_what_is_wrong(takamatsu: httpx.AsyncClient) -> None:
    known = {**SHOWN, "names": {"ja": "高松市", "zh": "高松市政府"}}
    await takamatsu.put("/appearance", json=known, headers=TAKAMATSU)
    form = (await takamatsu.get("/editor/appearance?tenant=takamatsu", headers=BROWSER)).text
    assert 'value="瀬戸の都のデータ"' in form
    assert '<input type="radio" name="accent" value="green" checked>' in form
    data = {"tenant": "takamatsu", "name": "高松", "contact_name": "広報課", "accent": "purple"}
    wrong = await takamatsu.post(
        "/editor/appearance", data={**data, "contact_email": "x"}, files={"emblem": ("", b"")}, headers=BROWSER
    )
    assert (wrong.status_code, "メールアドレスの形を確認してください。" in wrong.text) == (400, True)
    svg = await takamatsu.post("/editor/appearance", data=data, files={"emblem": ("a.svg", b"<svg/>")}, headers=BROWSER)
    assert (svg.status_code, 'id="emblem-wrong"' in svg.text) == (400, True)
    sent = {"files": {"emblem": ("a.webp", picture("WEBP"))}, "headers": BROWSER}
    done = await takamatsu.post("/editor/appearance", data=data, **sent)  # type: ignore[arg-type]
    assert (done.status_code, done.headers["location"]) == (303, "/editor/appearance?tenant=takamatsu&saved=yes")
    shown = (await takamatsu.get("/appearance", headers=TAKAMATSU)).json()
    assert shown["names"] == {"ja": "高松", "zh": "高松市政府"}
    assert (shown["contact"]["name"], shown["accent"], shown["descriptions"]) == ("広報課", "purple", {})
    assert "emblem.png" in shown["emblem"]
    foreign = {**BROWSER, "Origin": "https://elsewhere.example"}
    refused = await takamatsu.post("/editor/appearance", data=data, files={"emblem": ("", b"")}, headers=foreign)
    assert refused.status_code == 403
    await takamatsu.post("/editor/appearance", data={**data, "no_emblem": "yes"}, files={"emblem": ("", b"")})
    assert (await takamatsu.get("/appearance", headers=TAKAMATSU)).json()["emblem"] is None
