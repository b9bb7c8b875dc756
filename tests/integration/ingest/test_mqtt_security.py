"""MQTT brokers that want a password or speak TLS."""

import subprocess
from pathlib import Path

import pytest

from services.local.ports import free_port
from tests.support.certificates import loopback_certificate
from tests.support.ingest import entity_id, running_ingest
from tests.support.mqtt import MqttServer, device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

pytestmark = pytest.mark.needs("mosquitto")
TOPIC = "/json/rivers/gauge-1/attrs"


def _write_password(file: Path) -> None:
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(file), "ingest", "p@ss"], check=True)


async def test_measures_come_over_tls_from_a_broker_that_is_vouched_for(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    certificate, key = loopback_certificate(tmp_path)
    plain = free_port()
    lines = [f"cafile {certificate}", f"certfile {certificate}", f"keyfile {key}", f"listener {plain} 127.0.0.1"]
    with mosquitto(tmp_path, *lines) as server:
        url = f"mqtts://127.0.0.1:{server.port}"
        async with (
            running_ingest(database_url, broker_url=peer.url, mqtt_url=url, mqtt_ca_file=str(certificate)) as bench,
            device(MqttServer([], plain)) as sender,
        ):
            await bench.provision(1)
            await until(lambda: bench.parts.receiver.is_connected)
            sender.publish(TOPIC, {"level": 1})
            await until(lambda: peer.values("fukui", entity_id(1), "waterLevel") == [1])
        async with running_ingest(database_url, broker_url=peer.url, mqtt_url=url) as stranger:
            with pytest.raises(TimeoutError):
                await until(lambda: stranger.parts.receiver.is_connected, 1.5)


async def test_a_password_is_taken_from_the_url_and_a_wrong_one_leaves_the_service_unready(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    _write_password(passwords)
    with mosquitto(tmp_path, f"password_file {passwords}") as server:
        for given, is_taken in (("p%40ss", True), ("wrong", False)):
            url = f"mqtt://ingest:{given}@127.0.0.1:{server.port}"
            async with running_ingest(database_url, broker_url=peer.url, mqtt_url=url) as bench:
                if is_taken:
                    await until(lambda: bench.parts.receiver.is_connected)
                else:
                    with pytest.raises(TimeoutError):
                        await until(lambda: bench.parts.receiver.is_connected, 1.5)
                    ready = await bench.client.get("/health/ready")
                    assert (ready.status_code, ready.json()["checks"]["mqtt"]) == (503, "fail")


async def test_a_broker_that_asks_for_certificates_is_shown_one(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    certificate, key = loopback_certificate(tmp_path)
    lines = [f"cafile {certificate}", f"certfile {certificate}", f"keyfile {key}", "require_certificate true"]
    with mosquitto(tmp_path, *lines) as server:
        given = {"mqtt_url": f"mqtts://127.0.0.1:{server.port}", "mqtt_ca_file": str(certificate)}
        own = {"mqtt_certificate_file": str(certificate), "mqtt_key_file": str(key)}
        async with running_ingest(database_url, broker_url=peer.url, **given, **own) as bench:
            await until(lambda: bench.parts.receiver.is_connected)
        async with running_ingest(database_url, broker_url=peer.url, **given) as stranger:
            with pytest.raises(TimeoutError):
                await until(lambda: stranger.parts.receiver.is_connected, 1.5)
