"""Settings of auth."""

import pytest

from services.auth.settings import AuthSettings
from services.kernel.settings import SettingsError, read_settings


def test_the_port_is_8082_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(AuthSettings).auth_port == 8082
    monkeypatch.setenv("HIROBA_AUTH_PORT", "9000")
    assert read_settings(AuthSettings).auth_port == 9000


def test_the_services_secrets_are_read_from_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIROBA_AUTH_SERVICE_CLIENTS", "broker=0123456789abcdef, ingest=fedcba98765432=10")
    secrets = read_settings(AuthSettings).service_secrets
    assert secrets == {"broker": "0123456789abcdef", "ingest": "fedcba98765432=10"}


@pytest.mark.parametrize("text", ["broker", "broker=short", "brokr=0123456789abcdef", "=0123456789abcdef"])
def test_unreadable_pairs_are_refused_without_telling_the_secret(text: str) -> None:
    with pytest.raises(SettingsError, match="HIROBA_AUTH_SERVICE_CLIENTS") as refusal:
        read_settings(AuthSettings, auth_service_clients=text)
    assert "0123456789abcdef" not in str(refusal.value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="HIROBA_AUTH_KEY"):
        read_settings(AuthSettings, auth_key="short")


def test_secrets_do_not_appear_in_the_settings_representation() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    settings = read_settings(
        AuthSettings, auth_key=secret, auth_service_clients=f"broker={secret}", client_secret=secret
    )
    assert secret not in repr(settings)
