"""The two faces behind one set of words, so that a scenario is written once and told through either."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx

Values = Mapping[str, Any]


class FaceClient(Protocol):
    """What a scenario can do with a face; entities are given and returned as plain attribute values."""

    name: str
    refuses_creating_twice: int
    adding_by_update: int
    """Status of an update that names an attribute that is not there."""

    def with_tenant(self, tenant: str) -> "FaceClient": ...
    async def create(self, entity_id: str, kind: str, values: Values) -> httpx.Response: ...
    async def retrieve(self, entity_id: str) -> httpx.Response: ...
    async def values(self, entity_id: str) -> Values: ...
    async def append(self, entity_id: str, values: Values) -> httpx.Response: ...
    async def update(self, entity_id: str, values: Values) -> httpx.Response: ...
    async def replace(self, entity_id: str, kind: str, values: Values) -> httpx.Response: ...
    async def delete(self, entity_id: str) -> httpx.Response: ...
    async def delete_attribute(self, entity_id: str, name: str) -> httpx.Response: ...
    async def upsert(self, kind: str, entities: Mapping[str, Values]) -> httpx.Response: ...
    async def query(self, **parameters: str) -> httpx.Response: ...
    async def near(self, kind: str, longitude: float, latitude: float, metres: int) -> Sequence[str]: ...
    async def within(self, kind: str, corners: Sequence[tuple[float, float]]) -> Sequence[str]: ...
    async def subscribe(self, kind: str, attribute: str, url: str) -> httpx.Response: ...
    def count(self, answer: httpx.Response) -> int: ...
    def notified(self, body: Any) -> list[tuple[str, Values]]: ...


class _Client:
    def __init__(self, http: httpx.AsyncClient, tenant: str) -> None:
        self._http = http
        self._tenant = tenant

    async def _send(self, method: str, path: str, body: Any = None, **parameters: str) -> httpx.Response:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Fiware-Service": self._tenant}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self._http.request(method, path, content=content, headers=headers, params=parameters or None)


class LdClient(_Client):
    """NGSI-LD."""

    name = "ngsi-ld"
    refuses_creating_twice = 409
    adding_by_update = 204
    _base = "/ngsi-ld/v1"

    def with_tenant(self, tenant: str) -> "LdClient":
        return LdClient(self._http, tenant)

    async def create(self, entity_id: str, kind: str, values: Values) -> httpx.Response:
        return await self._send("POST", f"{self._base}/entities", {"id": entity_id, "type": kind, **_ld(values)})

    async def retrieve(self, entity_id: str) -> httpx.Response:
        return await self._send("GET", f"{self._base}/entities/{entity_id}", format="simplified")

    async def values(self, entity_id: str) -> Values:
        return _without(await self.retrieve(entity_id), "id", "type", "@context", "scope")

    async def append(self, entity_id: str, values: Values) -> httpx.Response:
        return await self._send("POST", f"{self._base}/entities/{entity_id}/attrs", _ld(values))

    async def update(self, entity_id: str, values: Values) -> httpx.Response:
        return await self._send("PATCH", f"{self._base}/entities/{entity_id}/attrs", _ld(values))

    async def replace(self, entity_id: str, kind: str, values: Values) -> httpx.Response:
        body = {"id": entity_id, "type": kind, **_ld(values)}
        return await self._send("PUT", f"{self._base}/entities/{entity_id}", body)

    async def delete(self, entity_id: str) -> httpx.Response:
        return await self._send("DELETE", f"{self._base}/entities/{entity_id}")

    async def delete_attribute(self, entity_id: str, name: str) -> httpx.Response:
        return await self._send("DELETE", f"{self._base}/entities/{entity_id}/attrs/{name}")

    async def upsert(self, kind: str, entities: Mapping[str, Values]) -> httpx.Response:
        body = [{"id": each, "type": kind, **_ld(values)} for each, values in entities.items()]
        return await self._send("POST", f"{self._base}/entityOperations/upsert", body, options="update")

    async def query(self, **parameters: str) -> httpx.Response:
        if parameters.pop("count", None):
            parameters["count"] = "true"
        return await self._send("GET", f"{self._base}/entities", **parameters)

    async def near(self, kind: str, longitude: float, latitude: float, metres: int) -> Sequence[str]:
        where = {"georel": f"near;maxDistance=={metres}", "geometry": "Point"}
        answer = await self.query(type=kind, coordinates=f"[{longitude},{latitude}]", **where)
        return _ids(answer)

    async def within(self, kind: str, corners: Sequence[tuple[float, float]]) -> Sequence[str]:
        coordinates = json.dumps([[list(corner) for corner in corners]])
        answer = await self.query(type=kind, georel="within", geometry="Polygon", coordinates=coordinates)
        return _ids(answer)

    async def subscribe(self, kind: str, attribute: str, url: str) -> httpx.Response:
        body = {
            "type": "Subscription",
            "entities": [{"type": kind}],
            "watchedAttributes": [attribute],
            "notification": {"format": "simplified", "endpoint": {"uri": url, "accept": "application/json"}},
        }
        return await self._send("POST", f"{self._base}/subscriptions", body)

    def count(self, answer: httpx.Response) -> int:
        return int(answer.headers["NGSILD-Results-Count"])

    def notified(self, body: Any) -> list[tuple[str, Values]]:
        return [(each["id"], each) for each in body["data"]]


class V2Client(_Client):
    """NGSIv2."""

    name = "ngsiv2"
    refuses_creating_twice = 422
    adding_by_update = 422

    def with_tenant(self, tenant: str) -> "V2Client":
        return V2Client(self._http, tenant)

    async def create(self, entity_id: str, kind: str, values: Values) -> httpx.Response:
        return await self._send("POST", "/v2/entities", {"id": entity_id, "type": kind, **_v2(values)})

    async def retrieve(self, entity_id: str) -> httpx.Response:
        return await self._send("GET", f"/v2/entities/{entity_id}", options="keyValues")

    async def values(self, entity_id: str) -> Values:
        return _without(await self.retrieve(entity_id), "id", "type")

    async def append(self, entity_id: str, values: Values) -> httpx.Response:
        return await self._send("POST", f"/v2/entities/{entity_id}/attrs", _v2(values))

    async def update(self, entity_id: str, values: Values) -> httpx.Response:
        return await self._send("PATCH", f"/v2/entities/{entity_id}/attrs", _v2(values))

    async def replace(self, entity_id: str, kind: str, values: Values) -> httpx.Response:
        return await self._send("PUT", f"/v2/entities/{entity_id}/attrs", _v2(values))

    async def delete(self, entity_id: str) -> httpx.Response:
        return await self._send("DELETE", f"/v2/entities/{entity_id}")

    async def delete_attribute(self, entity_id: str, name: str) -> httpx.Response:
        return await self._send("DELETE", f"/v2/entities/{entity_id}/attrs/{name}")

    async def upsert(self, kind: str, entities: Mapping[str, Values]) -> httpx.Response:
        body = [{"id": each, "type": kind, **_v2(values)} for each, values in entities.items()]
        return await self._send("POST", "/v2/op/update", {"actionType": "append", "entities": body})

    async def query(self, **parameters: str) -> httpx.Response:
        if parameters.pop("count", None):
            parameters["options"] = "count"
        return await self._send("GET", "/v2/entities", **parameters)

    async def near(self, kind: str, longitude: float, latitude: float, metres: int) -> Sequence[str]:
        where = {"georel": f"near;maxDistance:{metres}", "geometry": "point"}
        return _ids(await self.query(type=kind, coords=f"{latitude},{longitude}", **where))

    async def within(self, kind: str, corners: Sequence[tuple[float, float]]) -> Sequence[str]:
        coords = ";".join(f"{latitude},{longitude}" for longitude, latitude in corners)
        return _ids(await self.query(type=kind, georel="coveredBy", geometry="polygon", coords=coords))

    async def subscribe(self, kind: str, attribute: str, url: str) -> httpx.Response:
        body = {
            "subject": {"entities": [{"idPattern": ".*", "type": kind}], "condition": {"attrs": [attribute]}},
            "notification": {"http": {"url": url}, "attrsFormat": "keyValues"},
        }
        return await self._send("POST", "/v2/subscriptions", body)

    def count(self, answer: httpx.Response) -> int:
        return int(answer.headers["Fiware-Total-Count"])

    def notified(self, body: Any) -> list[tuple[str, Values]]:
        return [(each["id"], each) for each in body["data"]]


def _ld(values: Values) -> dict[str, Any]:
    return {
        name: {"type": "GeoProperty" if _is_geo(value) else "Property", "value": value}
        for name, value in values.items()
    }


def _v2(values: Values) -> dict[str, Any]:
    return {
        name: {"type": "geo:json", "value": value} if _is_geo(value) else {"value": value}
        for name, value in values.items()
    }


def _is_geo(value: Any) -> bool:
    return isinstance(value, dict) and "coordinates" in value


def _ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


def _without(answer: httpx.Response, *names: str) -> Values:
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name not in names}
