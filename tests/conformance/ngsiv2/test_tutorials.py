"""The stock of a shop, as FIWARE's tutorials of NGSIv2 manage it (CRUD operations, entity relationships)."""

from typing import Any

import httpx
import pytest

from tests.conformance.ngsiv2.answers import is_done, refuses, shows, shows_text

APPLES = "urn:ngsi-ld:Product:001"
LEMONADE = "urn:ngsi-ld:Product:010"


def _product(product_id: str, name: str, price: int) -> dict[str, Any]:
    return {
        "id": product_id,
        "type": "Product",
        "name": {"type": "Text", "value": name},
        "size": {"type": "Text", "value": "S"},
        "price": {"type": "Integer", "value": price},
    }


@pytest.fixture
async def shop(v2: httpx.AsyncClient) -> httpx.AsyncClient:
    item = {
        "id": "urn:ngsi-ld:InventoryItem:001",
        "type": "InventoryItem",
        "refStore": {"type": "Relationship", "value": "urn:ngsi-ld:Store:001"},
        "refProduct": {"type": "Relationship", "value": APPLES},
        "stockCount": {"type": "Integer", "value": 10000},
    }
    is_done(await v2.post("/v2/entities", json=_product(APPLES, "Apples", 99)), 201)
    is_done(await v2.post("/v2/op/update", json={"actionType": "APPEND", "entities": [item]}))
    return v2


async def test_products_are_added_and_listed(shop: httpx.AsyncClient) -> None:
    is_done(await shop.post(f"/v2/entities/{APPLES}/attrs", json={"specialOffer": {"value": True}}))
    offer = {"id": APPLES, "type": "Product", "offerPrice": {"type": "Integer", "value": 89}}
    batch = {"actionType": "append_strict", "entities": [_product(LEMONADE, "Lemonade", 99), offer]}
    is_done(await shop.post("/v2/op/update", json=batch))
    refuses(await shop.post("/v2/op/update", json=batch), 422)
    shows(
        await shop.get("/v2/entities?type=Product"),
        [
            {
                "id": APPLES,
                "type": "Product",
                "name": {"type": "Text", "value": "Apples", "metadata": {}},
                "offerPrice": {"type": "Integer", "value": 89, "metadata": {}},
                "price": {"type": "Integer", "value": 99, "metadata": {}},
                "size": {"type": "Text", "value": "S", "metadata": {}},
                "specialOffer": {"type": "Boolean", "value": True, "metadata": {}},
            },
            {
                "id": LEMONADE,
                "type": "Product",
                "name": {"type": "Text", "value": "Lemonade", "metadata": {}},
                "price": {"type": "Integer", "value": 99, "metadata": {}},
                "size": {"type": "Text", "value": "S", "metadata": {}},
            },
        ],
    )
    shows(
        await shop.get("/v2/entities/?type=Product&options=keyValues&attrs=name,price&limit=1"),
        [{"id": APPLES, "type": "Product", "name": "Apples", "price": 99}],
    )
    ids = await shop.get("/v2/entities/?type=Product&options=count&attrs=__NONE")
    shows(ids, [{"id": each, "type": "Product"} for each in (APPLES, LEMONADE)], fiware_total_count="2")


async def test_values_are_read_and_overwritten(shop: httpx.AsyncClient) -> None:
    shows_text(await shop.get(f"/v2/entities/{APPLES}/attrs/name/value"), '"Apples"')
    shows(await shop.get(f"/v2/entities/{APPLES}?type=Product&options=values&attrs=name,price"), ["Apples", 99])
    path = f"/v2/entities/{APPLES}/attrs/price/value?type=Product"
    is_done(await shop.put(path, content=b"89", headers={"content-type": "text/plain"}))
    ale = {"price": {"type": "Integer", "value": 89}, "name": {"type": "Text", "value": "Ale"}}
    is_done(await shop.patch(f"/v2/entities/{APPLES}/attrs?type=Product", json=ale))
    price = {"id": APPLES, "type": "Product", "price": {"type": "Integer", "value": 1199}}
    is_done(await shop.post("/v2/op/update", json={"actionType": "update", "entities": [price]}))
    shows(await shop.get(f"/v2/entities/{APPLES}?options=values"), ["Ale", 1199, "S"])
    is_done(await shop.post("/v2/op/update", json={"actionType": "replace", "entities": [price]}))
    shows(await shop.get(f"/v2/entities/{APPLES}?options=values"), [1199])


async def test_products_and_attributes_are_deleted(shop: httpx.AsyncClient) -> None:
    is_done(await shop.delete(f"/v2/entities/{APPLES}/attrs/size"))
    refuses(await shop.delete(f"/v2/entities/{APPLES}/attrs/size"), 404)
    bare = {"id": APPLES, "type": "Product", "price": {}, "name": {}}
    is_done(await shop.post("/v2/op/update", json={"actionType": "delete", "entities": [bare]}))
    shows(await shop.get(f"/v2/entities/{APPLES}"), {"id": APPLES, "type": "Product"})
    whole = {"actionType": "delete", "entities": [{"id": APPLES, "type": "Product"}]}
    is_done(await shop.post("/v2/op/update", json=whole))
    refuses(await shop.post("/v2/op/update", json=whole), 404)
    refuses(await shop.delete(f"/v2/entities/{APPLES}"), 404)


async def test_what_refers_to_a_product_is_found(shop: httpx.AsyncClient) -> None:
    found = await shop.get(f"/v2/entities/?q=refProduct=={APPLES}&options=count&attrs=type")
    shows(found, [{"id": "urn:ngsi-ld:InventoryItem:001", "type": "InventoryItem"}], fiware_total_count="1")
    query = f"q=refProduct=={APPLES}&options=values&attrs=refStore&type=InventoryItem"
    shows(await shop.get(f"/v2/entities?{query}"), [["urn:ngsi-ld:Store:001"]])
