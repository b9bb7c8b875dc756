"""The owner's view over HTTP and on the command line."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from services.cli import main
from tests.support.serving import served

ID = "urn:ngsi-ld:Subscription:1"


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Run a broker that may call no address of this machine, so that every notification is given up."""
    settings = BrokerSettings(
        database_url=database_url, data_dir=tmp_path, tenant_creation="on-write", auth_url="http://127.0.0.1:9"
    )
    with served(create_app(settings)) as url:
        yield url


def test_what_was_given_up_is_seen_and_sent_again(url: str) -> None:
    with httpx.Client(base_url=url, headers={"NGSILD-Tenant": "fukui"}) as client:
        body = {
            "id": ID,
            "type": "Subscription",
            "entities": [{"type": "Gauge"}],
            "notification": {"endpoint": {"uri": "http://127.0.0.1:9/"}},
        }
        assert client.post("/ngsi-ld/v1/subscriptions", json=body).status_code == 201
        assert client.post("/ngsi-ld/v1/entities", json={"id": "urn:x:1", "type": "Gauge", "a": 1}).status_code == 201
        health = _wait_until_parked(client)
        assert (health["pending"], health["parked"], health["times_failed"]) == (0, 1, 1)
        assert client.get("/deliveries").json() == [health]
        assert client.get("/deliveries/urn:x:none").status_code == 404
        (letter,) = client.get(f"/deliveries/{ID}/dead-letters").json()
        assert letter["entities"] == ["urn:x:1"]
        assert client.get("/deliveries", headers={"NGSILD-Tenant": "other"}).status_code == 404
        assert client.post(f"/deliveries/{ID}/resend", json={"numbers": "all"}).status_code in (400, 422)

        def run(*words: str) -> list[str]:
            result = CliRunner().invoke(main, [*words, "--tenant", "fukui"], env={"HIROBA_BROKER_URL": url})
            assert result.exit_code == 0, result.output
            return result.output.splitlines()

        assert run("subscriptions", "list")[1].split()[:5] == [ID, "0", "1", "1", "1"]
        assert f"subscription_id {ID}" in " ".join(" ".join(run("subscriptions", "show", ID)).split())
        assert run("deadletters", "list", ID)[1].split()[0] == str(letter["number"])
        assert run("deadletters", "resend", ID, str(letter["number"])) == ["1 notifications wait again"]
        _wait_until_parked(client, tries=2)
        assert run("subscriptions", "resend", ID) == ["1 notifications wait again"]
        metrics = client.get("/metrics").text
        assert 'hiroba_notifications_total{outcome="parked"}' in metrics


def _wait_until_parked(client: httpx.Client, tries: int = 1) -> dict[str, object]:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        health: dict[str, object] = client.get(f"/deliveries/{ID}").json()
        if health["parked"] and health["times_sent"] == tries:
            return health
        time.sleep(0.05)
    raise TimeoutError("nothing is given up")
