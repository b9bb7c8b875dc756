"""What `hiroba up` is told, and what it tells the services."""

from pathlib import Path

import pytest

from services.kernel.settings import SettingsError, read_settings
from services.local.environment import common_environment, hiroba, service_environment
from services.local.settings import LocalSettings


def test_the_local_profile_creates_tenants_on_the_first_write() -> None:
    assert LocalSettings().tenant_creation == "on-write"


def test_an_open_hub_beyond_loopback_is_refused() -> None:
    with pytest.raises(SettingsError, match="HIROBA_AUTH=required"):
        read_settings(LocalSettings, host="0.0.0.0")


def test_services_are_told_each_other_under_their_ports() -> None:
    told = common_environment(LocalSettings(broker_port=2026, auth_port=2082))
    assert told["HIROBA_BROKER_URL"] == "http://127.0.0.1:2026"
    assert told["HIROBA_AUTH_URL"] == "http://127.0.0.1:2082"
    assert told["HIROBA_BROKER_PORT"] == "2026"


def test_commands_find_services_on_their_ports_unless_an_address_is_told() -> None:
    told = read_settings(LocalSettings, ingest_port=14041, broker_port=11026, broker_url="http://hub.city.example")
    assert (told.ingest_url, told.broker_url) == ("http://127.0.0.1:14041", "http://hub.city.example")


def test_a_hub_on_every_address_is_reached_over_loopback_inside() -> None:
    told = common_environment(LocalSettings(host="0.0.0.0", auth="required"))
    assert told["HIROBA_HOST"] == "0.0.0.0"
    assert told["HIROBA_BROKER_URL"] == "http://127.0.0.1:1026"


def test_only_a_hub_on_loopback_may_send_to_loopback() -> None:
    assert common_environment(LocalSettings())["HIROBA_EGRESS"] == "loopback"
    assert "HIROBA_EGRESS" not in common_environment(LocalSettings(host="0.0.0.0", auth="required"))


def test_a_given_mqtt_broker_is_used() -> None:
    assert LocalSettings(mqtt_port=2883).own_mqtt_url == "mqtt://127.0.0.1:2883"
    assert LocalSettings(mqtt_url="mqtt://city:1883").own_mqtt_url == "mqtt://city:1883"


def test_a_service_gets_its_own_database_role_and_client() -> None:
    told = service_environment(LocalSettings(), "broker", "postgresql://hiroba_broker@db/x", {"broker": "s3cret"})
    assert told["HIROBA_DATABASE_URL"] == "postgresql://hiroba_broker@db/x"
    assert told["HIROBA_CLIENT_ID"] == "service-broker"
    assert told["HIROBA_CLIENT_SECRET"] == "s3cret"


def test_auth_is_told_the_clients_of_the_others() -> None:
    told = service_environment(LocalSettings(), "auth", "postgresql://db/x", {"broker": "a", "ingest": "b"})
    assert told["HIROBA_AUTH_SERVICE_CLIENTS"] == "broker=a,ingest=b"
    assert "HIROBA_CLIENT_ID" not in told


def test_an_open_hub_has_no_clients() -> None:
    told = service_environment(LocalSettings(), "auth", "postgresql://db/x", {})
    assert [name for name in told if "CLIENT" in name] == []


def test_a_relative_data_directory_is_told_absolute() -> None:
    assert common_environment(LocalSettings(data_dir=Path("x")))["HIROBA_DATA_DIR"] == str(Path.cwd() / "x")


def test_commands_run_with_this_python() -> None:
    assert hiroba("serve", "broker")[1:] == ["-P", "-m", "services.cli", "serve", "broker"]
