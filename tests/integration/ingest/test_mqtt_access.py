"""What `hiroba mqtt mosquitto` writes, in front of a real Mosquitto."""

import asyncio
import csv
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from services.local.mqtt import find_mosquitto
from services.local.ports import free_port
from tests.support.certificates import loopback_certificate
from tests.support.ingest import HEADERS, entity_id, listening, running_ingest
from tests.support.mqtt import MqttServer
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until


class Guest:
    """A client that notes how it is received."""

    def __init__(self, port: int, user: str, password: str, ca_file: Path | None = None) -> None:
        self.refused: dict[int, bool] = {}
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.username_pw_set(user, password)
        if ca_file is not None:
            self.client.tls_set(str(ca_file))
        self.client.on_connect = lambda *given: self.refused.update({0: given[3].is_failure})
        self.client.on_publish = lambda *given: self.refused.update({given[2]: given[3].is_failure})
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    async def is_refused(self, number: int = 0) -> bool:
        """Tell whether the connection, or the message of a number, is refused."""
        await until(lambda: number in self.refused)
        return self.refused[number]


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("is_secure", [False, True])
async def test_a_device_reaches_its_own_topics_and_no_others(
    database_url: str, peer: NgsildPeer, tmp_path: Path, is_secure: bool
) -> None:
    certificate, key = loopback_certificate(tmp_path)
    ca_file = certificate if is_secure else None
    port, mqtt_port, mounted_port = free_port(), free_port(), free_port()
    async with running_ingest(database_url, broker_url=peer.url) as bench, listening(bench.app, port) as url:
        await bench.provision(1, 2)
        registered = {"devices": [{"device_id": "a/b", "apikey": "rivers"}]}
        assert (await bench.client.post("/iot/devices", json=registered, headers=HEADERS)).is_success
        environment = {**os.environ, "HIROBA_INGEST_URL": url, "HIROBA_DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "services.cli", "mqtt", "mosquitto", "--tenant", "fukui"]
        command += ["--to", str(tmp_path), "--port", str(mqtt_port), "--gateway", "gauge-2"]
        command += ["--certificate", str(certificate), "--key", str(key)] if is_secure else []
        process = await _run(command, environment)
        assert process.returncode == 0, process.stderr
        assert process.stderr.splitlines() == ["Device 'a/b' is no part of an MQTT topic of its own: left out"]
    assert (tmp_path / "credentials.csv").stat().st_mode & 0o077 == 0
    with (tmp_path / "credentials.csv").open() as stream:
        passwords = {row["user"]: row["password"] for row in csv.DictReader(stream)}
    assert set(passwords) == {"hiroba-ingest", "rivers/gauge-1", "rivers/gauge-2"}
    _for_this_user(tmp_path, [f"listener {mounted_port}", "mount_point rivers/gauge-2/"])
    program = find_mosquitto()
    assert program is not None
    server = MqttServer([program, "-c", str(tmp_path / "mosquitto.conf")], mqtt_port)
    server.start()
    try:
        guest = Guest(mqtt_port, "rivers/gauge-1", passwords["rivers/gauge-1"], ca_file)
        assert not await guest.is_refused()
        own = ("/json/rivers/gauge-1/attrs", "ul/rivers/gauge-1/cmdexe", "rivers/gauge-1/v1/devices/me/telemetry")
        for topic in (*own, "/json/rivers/gauge-2/attrs", "rivers/gauge-1/v1/gateway/telemetry"):
            sent = guest.client.publish(topic, "{}", qos=1)
            assert await guest.is_refused(sent.mid) is (topic not in own)
        guest.client.loop_stop()
        stranger = Guest(mqtt_port, "rivers/gauge-1", "wrong", ca_file)
        assert await stranger.is_refused()
        stranger.client.loop_stop()
        await _hears_and_answers(database_url, peer, (mqtt_port, mounted_port, passwords), ca_file)
    finally:
        server.stop()


async def _hears_and_answers(
    database_url: str, peer: NgsildPeer, server: tuple[int, int, dict[str, str]], ca_file: Path | None
) -> None:
    """Let ingest take the measure of one device, with the user that was written for it, and what it says of another.

    On the port where topics are mounted under who it is, it speaks as ThingsBoard's gateways do.
    """
    port, mounted_port, passwords = server
    scheme = "mqtts" if ca_file else "mqtt"
    url = f"{scheme}://hiroba-ingest:{quote(passwords['hiroba-ingest'])}@127.0.0.1:{port}"
    given = {"mqtt_url": url, "mqtt_ca_file": str(ca_file or "")}
    async with running_ingest(database_url, broker_url=peer.url, **given) as bench:
        await until(lambda: bench.parts.receiver.is_connected)
        gauge = Guest(port, "rivers/gauge-2", passwords["rivers/gauge-2"], ca_file)
        gauge.client.publish("/json/rivers/gauge-2/attrs", '{"level": 2.5}', qos=1)
        await until(lambda: peer.values("fukui", entity_id(2), "waterLevel") == [2.5])
        gauge.client.loop_stop()
        gateway = Guest(mounted_port, "rivers/gauge-2", passwords["rivers/gauge-2"])
        told = '{"gauge-1": [{"ts": 1787187600000, "values": {"level": 3.5}}]}'
        gateway.client.publish("v1/gateway/telemetry", told, qos=1)
        await until(lambda: peer.values("fukui", entity_id(1), "waterLevel") == [3.5])
        gateway.client.loop_stop()


async def _run(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)


def _for_this_user(directory: Path, more: list[str]) -> None:
    """Let Mosquitto, which otherwise leaves root, read the files as this user; keep nothing beyond the test.

    `more` are further lines of its configuration.
    """
    file = directory / "mosquitto.conf"
    lines = [line for line in file.read_text().splitlines() if not line.startswith(("persistence", "autosave"))]
    file.write_text("\n".join([*lines, *(["user root"] if os.geteuid() == 0 else []), *more, ""]))
