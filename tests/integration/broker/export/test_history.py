"""What was recorded of all entities of a type, as CSV."""

import csv
import io
from datetime import datetime

import httpx
import pytest

from services.broker.operations import history_extracts
from tests.integration.broker.export.conftest import gauge, write

Row = dict[str, str]


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_extracts, "_PAGE", 2)
    monkeypatch.setattr(history_extracts, "_IN_MEMORY", 100)


async def history(broker: httpx.AsyncClient, **parameters: str) -> list[Row]:
    answer = await broker.get("/export/history", params={"type": "Gauge", **parameters})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


async def update(broker: httpx.AsyncClient, number: int, level: float, observed_at: str) -> None:
    body = {"level": {"type": "Property", "value": level, "unitCode": "MTR", "observedAt": observed_at}}
    answer = await broker.patch(f"/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:{number}/attrs", json=body)
    assert answer.status_code == 204, answer.text


async def test_every_value_that_was_recorded_is_told_in_order(broker: httpx.AsyncClient) -> None:
    await write(broker, *(gauge(number, number) for number in range(5)))
    await update(broker, 3, 3.5, "2026-02-01T00:00:00Z")
    rows = await history(broker, attrs="level")
    assert [(row["id"][-1], row["value"]) for row in rows] == [
        ("0", "0"),
        ("1", "1"),
        ("2", "2"),
        ("3", "3"),
        ("3", "3.5"),
        ("4", "4"),
    ]
    one = await history(broker, attrs="level", id="urn:ngsi-ld:Gauge:3")
    assert [row["value"] for row in one] == ["3", "3.5"]
    assert await history(broker, id="urn:ngsi-ld:Gauge:9") == []
    assert (rows[4]["attribute"], rows[4]["unitCode"], rows[4]["change"]) == ("level", "MTR", "updated")
    assert datetime.fromisoformat(rows[4]["observedAt"]) == datetime.fromisoformat("2026-02-01T00:00:00Z")
    assert {row["attribute"] for row in await history(broker)} == {"level", "location"}


async def test_a_period_of_observation_or_of_recording_is_told(broker: httpx.AsyncClient) -> None:
    await write(broker, gauge(1, 1))
    await update(broker, 1, 2, "2026-03-01T00:00:00Z")
    observed = {"attrs": "level", "timeproperty": "observedAt"}
    found = await history(broker, **observed, **{"from": "2026-02-01T00:00:00Z", "to": "2026-03-01T00:00:01Z"})
    assert [row["value"] for row in found] == ["2"]
    assert await history(broker, **observed, to="2026-01-01T00:00:00Z") == []
    assert await history(broker, attrs="level", to="2026-01-01T00:00:00Z") == []
    assert len(await history(broker, attrs="level", **{"from": "2026-01-01T00:00:00Z"})) == 2


async def test_attributes_that_are_no_more_are_told_with_their_end(broker: httpx.AsyncClient) -> None:
    await write(broker, gauge(1, 1, note={"type": "Property", "value": "x"}))
    gone = await broker.delete("/ngsi-ld/v1/entities/urn:ngsi-ld:Gauge:1/attrs/note")
    assert gone.status_code == 204
    rows = [row for row in await history(broker) if row["attribute"].endswith("note")]
    assert [(row["value"], row["change"]) for row in rows] == [("x", "created"), ("", "deleted")]


@pytest.mark.parametrize(
    ("parameters", "status", "field"),
    [
        ({"type": "Nothing"}, 404, None),
        ({"type": "Gauge", "from": "yesterday"}, 400, "from"),
        ({"type": "Gauge", "timeproperty": "createdAt"}, 400, "timeproperty"),
        ({}, 400, "type"),
    ],
)
async def test_what_cannot_be_told_is_refused(
    broker: httpx.AsyncClient, parameters: dict[str, str], status: int, field: str | None
) -> None:
    await write(broker, gauge(1, 1))
    answer = await broker.get("/export/history", params=parameters)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
