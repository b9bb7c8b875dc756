"""Settings from the environment."""

from pathlib import Path

import pytest
from pydantic import Field, ValidationError

from services.kernel.settings import Port, Settings, SettingsError, read_settings


class OwnSettings(Settings):
    """Settings of a service that exists in this test only."""

    own_port: Port = Field(1, description="A port")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIROBA_DATA_DIR", "/srv/hiroba")
    monkeypatch.setenv("HIROBA_OWN_PORT", "81")
    settings = read_settings(OwnSettings)
    assert (settings.data_dir, settings.own_port) == (Path("/srv/hiroba"), 81)


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIROBA_OWN_PORT", "81")
    assert read_settings(OwnSettings, own_port=82).own_port == 82


def test_settings_cannot_be_changed() -> None:
    settings = read_settings(Settings)
    with pytest.raises(ValidationError):
        settings.host = "0.0.0.0"  # type: ignore[misc]


@pytest.mark.parametrize(("name", "value"), [("OWN_PORT", "65536"), ("OWN_PORT", "x"), ("AUTH", "off")])
def test_an_unreadable_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"HIROBA_{name}", value)
    with pytest.raises(SettingsError, match=f"HIROBA_{name}: "):
        read_settings(OwnSettings)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hub.example.jp"])
def test_an_open_service_beyond_loopback_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="HIROBA_AUTH=required"):
        read_settings(Settings, host=host, auth="open")
    assert read_settings(Settings, host=host, auth="required").host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_service_on_loopback_may_be_open(host: str) -> None:
    assert read_settings(Settings, host=host, auth="open").is_loopback


def test_the_issuer_is_auths_address_unless_given() -> None:
    assert read_settings(Settings, auth_url="http://a").issuer == "http://a"
    assert read_settings(Settings, auth_url="http://a", auth_issuer="https://b").issuer == "https://b"


def test_secrets_do_not_appear_in_the_representation() -> None:
    assert "s3cret" not in repr(read_settings(Settings, client_secret="s3cret"))


def test_no_foreign_web_page_may_call_the_open_profile() -> None:
    assert read_settings(Settings, auth="open").allowed_origins == []
    assert read_settings(Settings, auth="required").allowed_origins == ["*"]
    given = read_settings(Settings, auth="open", cors_origins="https://a.example, https://b.example")
    assert given.allowed_origins == ["https://a.example", "https://b.example"]
