"""What the broker benchmark asks: each scenario as requests for the broker and for the bare limit."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from bench.load import request_bytes

ENTITIES_WRITTEN = 10_000
_LD = "/ngsi-ld/v1"
_JSON = {"content-type": "application/json"}
_GAUGE = "urn:ngsi-ld:Gauge:"
_GOLDEN = 0.6180339887


@dataclass(frozen=True)
class Scenario:
    """One kind of request; `bare` is the same for the bare limit, or None where there is no such limit.

    `index` is the attribute on which an index is declared before; it stays, so such scenarios come last.
    """

    name: str
    face: str
    request: Callable[[int], bytes]
    bare: Callable[[int], bytes] | None
    connections: int
    per_request: int = 1
    index: str | None = None


def uri(number: int) -> str:
    """Return the id of the n-th entity."""
    return f"{_GAUGE}{number}"


def _any(number: int) -> str:
    """Return ids spread over all entities, never the same neighbours."""
    return uri(int(number * _GOLDEN * ENTITIES_WRITTEN) % ENTITIES_WRITTEN)


def _ld_values(number: int) -> dict[str, object]:
    return {"level": {"type": "Property", "value": number / 8}, "flow": {"type": "Property", "value": number}}


def _v2_values(number: int) -> dict[str, object]:
    return {"level": {"type": "Number", "value": number / 8}, "flow": {"type": "Number", "value": number}}


def _ld_patch(number: int) -> bytes:
    return request_bytes("PATCH", f"{_LD}/entities/{_any(number)}/attrs", _JSON, orjson.dumps(_ld_values(number)))


def _v2_patch(number: int) -> bytes:
    return request_bytes("PATCH", f"/v2/entities/{_any(number)}/attrs", _JSON, orjson.dumps(_v2_values(number)))


def _hundred(number: int, values: Callable[[int], dict[str, object]]) -> list[dict[str, object]]:
    first = number * 100 % ENTITIES_WRITTEN
    return [{"id": uri(first + each), "type": "Gauge", **values(number)} for each in range(100)]


def _ld_upsert(number: int) -> bytes:
    body = orjson.dumps(_hundred(number, _ld_values))
    return request_bytes("POST", f"{_LD}/entityOperations/upsert?options=update", _JSON, body)


def _v2_update(number: int) -> bytes:
    body = orjson.dumps({"actionType": "append", "entities": _hundred(number, _v2_values)})
    return request_bytes("POST", "/v2/op/update", _JSON, body)


def _ld_get(number: int) -> bytes:
    return request_bytes("GET", f"{_LD}/entities/{_any(number)}", {})


def _v2_get(number: int) -> bytes:
    return request_bytes("GET", f"/v2/entities/{_any(number)}", {})


def _query(face: str, expression: Callable[[int], str]) -> Callable[[int], bytes]:
    base = f"{_LD}/entities" if face == "ngsi-ld" else "/v2/entities"

    def request(number: int) -> bytes:
        return request_bytes("GET", f"{base}?type=Many&q={quote(expression(number))}&limit=20", {})

    return request


def _one_in_a_hundred(number: int) -> str:
    return f"level=={number % 100}"


def _one_in_a_million(number: int) -> str:
    return f"serial=={random.Random(number).randrange(1_000_000)}"


SCENARIOS = (
    Scenario("patch-attrs", "ngsi-ld", _ld_patch, _ld_patch, 64),
    Scenario("patch-attrs", "ngsiv2", _v2_patch, _ld_patch, 64),
    Scenario("upsert-100", "ngsi-ld", _ld_upsert, _ld_upsert, 8, 100),
    Scenario("update-100", "ngsiv2", _v2_update, _ld_upsert, 8, 100),
    Scenario("retrieve", "ngsi-ld", _ld_get, _ld_get, 32),
    Scenario("retrieve", "ngsiv2", _v2_get, _ld_get, 32),
    Scenario("query-one-in-100", "ngsi-ld", _query("ngsi-ld", _one_in_a_hundred), None, 16),
    Scenario("query-one-in-100", "ngsiv2", _query("ngsiv2", _one_in_a_hundred), None, 16),
    Scenario("query-one-in-a-million", "ngsi-ld", _query("ngsi-ld", _one_in_a_million), None, 2),
    Scenario("query-indexed", "ngsi-ld", _query("ngsi-ld", _one_in_a_million), None, 16, index="serial"),
    Scenario("query-indexed", "ngsiv2", _query("ngsiv2", _one_in_a_million), None, 16, index="serial"),
)
