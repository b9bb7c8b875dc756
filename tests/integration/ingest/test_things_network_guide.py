"""The guide for applications of The Things Network, step by step as it stands in the documentation."""

import json
import re
from pathlib import Path

from tests.support.ingest import HEADERS, IngestBench
from tests.support.ngsild_peer import NgsildPeer

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "connect-a-things-network-application.md"


async def test_the_guide_leads_from_an_uplink_to_its_entity(bench: IngestBench, peer: NgsildPeer) -> None:
    group, uplink, entity = (
        json.loads(block) for block in re.findall(r"```json\n(.+?)```", GUIDE.read_text("utf-8"), re.S)
    )
    assert (await bench.client.post("/iot/groups", json=group, headers=HEADERS)).status_code == 201
    assert (await bench.devices.post("/iot/things-stack", json=uplink)).status_code == 200
    stored = peer.entities["fukui", entity["id"]]
    assert {name: stored[name]["value"] for name in entity if name not in ("id", "type")} == {
        "waterLevel": entity["waterLevel"],
        "batteryVoltage": entity["batteryVoltage"],
    }
    assert stored["waterLevel"]["observedAt"] == "2026-08-20T00:40:00.305000Z"
