"""Messages as devices and network servers send them, each with the entities that it becomes.

A sample has the topic, the messages (JSON, text or hexadecimal digits), the group's fields and the entities.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.ingest.codecs.decoder import read_decoder
from services.ingest.codecs.payload import AliasBook, Limits
from services.ingest.codecs.topic import read_topic
from services.ingest.domain.arrival import Arrival
from services.ingest.domain.device import Device, Group
from services.ingest.domain.plan import make_plan
from services.ingest.http.group_bodies import GroupBody
from services.ingest.operations.measured import Measured, plan, read
from services.ingest.operations.registry import Route

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
RECEIVED = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)


def payload_of(message: dict[str, Any]) -> bytes:
    if "hex" in message:
        return bytes.fromhex(message["hex"])
    return message["text"].encode() if "text" in message else orjson.dumps(message["json"])


def measured_of(sample: dict[str, Any]) -> list[Measured]:
    """Read a sample's messages as ingest does."""
    aliases, found, routes = AliasBook(), [], {}
    for message in sample["messages"]:
        address = read_topic(message["topic"])
        arrival = Arrival("mqtt", message["topic"], address, payload_of(message), RECEIVED, lambda _: None)
        fields = {"apikey": address.apikey, "resource": "", **sample["group"]}
        assert GroupBody.model_validate(fields).stored() == fields
        group = Group("fukui", "/", "", address.apikey, sample["group"])
        device = make_plan(Device("fukui", "/", address.device_id, "", {}), group, "Asia/Tokyo")
        route = routes.setdefault(address.key, Route(device, read_decoder(device.decoder)))
        for each in read(arrival, Limits(), aliases):
            plan(each, route)
            assert each.refusal is None, each.refusal
            found.append(each)
    return found


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_becomes_its_entities(file: Path) -> None:
    sample = json.loads(file.read_text("utf-8"))
    entities = [item.entity for each in measured_of(sample) for item in each.items]
    assert entities == sample["entities"]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_the_measures_of_a_sample_are_told_from_all_others(file: Path) -> None:
    sample = json.loads(file.read_text("utf-8"))
    keys = [item.key for each in measured_of(sample) for item in each.items if len(item.entity) > 2]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    again = [item.key for each in measured_of(sample) for item in each.items if len(item.entity) > 2]
    assert again == keys
