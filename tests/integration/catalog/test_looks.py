"""Looks into uploaded files on the page of their data set, and what of them goes onto its map."""

import json
from typing import Any

import httpx
from sqlalchemy import delete, func, select

from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.looks import LookRounds
from services.catalog.store.file_look_tables import file_look
from services.catalog.store.session import reading, writing
from tests.integration.catalog.conftest import TAKAMATSU
from tests.integration.catalog.test_ckan_uploads import SITE
from tests.integration.catalog.test_datasets import publish
from tests.unit.catalog.test_looks import FEATURES, GTFS, PNG, zipped

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


async def upload(client: httpx.AsyncClient, name: str, content: bytes, **asked: str) -> Any:
    parameters = {"dataset": "parks", "name": name, **asked}
    answer = await client.post("/files", params=parameters, content=content, headers=TAKAMATSU)
    assert answer.is_success, answer.text
    return answer.json()


async def page(client: httpx.AsyncClient, language: str = "en") -> str:
    answer = await client.get(f"/dataset/parks?lang={language}", headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_data_sets_page_shows_what_its_files_hold(client: httpx.AsyncClient) -> None:
    await publish(client, distributions=[])
    assert "A look into the files" not in await page(client)
    shapes = await upload(client, "形.geojson", json.dumps(FEATURES).encode())
    await upload(client, "バス.zip", zipped(GTFS))
    picture = await upload(client, "写真.png", PNG)
    await upload(client, "図.svg", SVG)
    await upload(client, "壊れた.json", b'{"a":')
    shown = await page(client)
    told = ("Properties of the features (5 of 5)", "Point (2), Polygon (1)", "<dt>Trips</dt><dd>3</dd>", "2027-04-01")
    assert [each for each in (*told, "町営バス", "It cannot be read as what it is called") if each not in shown] == []
    assert (
        f'<img class="picture" src="{picture["url"].removeprefix(SITE)}" alt="Image: 写真.png" width="640" height="480"'
        in shown
    )
    assert (shown.count("<img class"), shown.count("data-layers")) == (1, 2), "no picture that may hold a script"
    assert "地物の属性（5／5件）" in await page(client, "ja")

    drawn = f"/places/{shapes['id']}.geojson"
    features = (await client.get(drawn)).json()["features"]
    assert [each["geometry"]["type"] for each in features] == ["Point", "Polygon", "Point"]
    assert (await client.get(f"/places/{picture['id']}.geojson")).status_code == 404
    one = json.dumps({**FEATURES, "features": FEATURES["features"][:1]}).encode()
    waiting = await upload(client, "形.geojson", one, draft="true")
    assert len((await client.get(drawn)).json()["features"]) == 3, "the map follows what is published"
    check = (await client.get("/editor/parks/check?lang=en")).text
    assert ("Properties of the features (1 of 1)" in check, waiting["url"] in check) == (True, True)
    await client.patch("/datasets/parks/draft", json={"state": "published"}, headers=TAKAMATSU)
    assert len((await client.get(drawn)).json()["features"]) == 1
    await client.delete(f"/files/{shapes['id']}", headers=TAKAMATSU)
    assert (await client.get(drawn)).status_code == 404


async def test_files_of_earlier_releases_are_looked_into_in_the_background(
    client: httpx.AsyncClient, catalogue: Catalogue
) -> None:
    await publish(client, distributions=[])
    for name, content in (("形.geojson", json.dumps(FEATURES).encode()), ("図.svg", SVG), ("表.csv", b"a,b\n1,2\n")):
        await upload(client, name, content)
    before = await page(client)
    async with writing(catalogue.engine) as connection:
        await connection.execute(delete(file_look))
    assert "A look into the files" not in await page(client)
    await LookRounds(catalogue, breath_s=0).round()
    assert await page(client) == before
    async with reading(catalogue.engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(file_look)) == 2, "the table needs none"
