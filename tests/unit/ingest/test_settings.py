"""Contradictions in ingest's settings are told at the start."""

import pytest

from services.ingest.settings import IngestSettings
from services.kernel.settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mqtt_url", "http://127.0.0.1:1883"),
        ("mqtt_url", "mqtt://"),
        ("ingest_timezone", "Asia/Nowhere"),
        ("ingest_batch_size", 0),
        ("mqtt_receive_maximum", 65536),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"HIROBA_{name.upper()}"):
        read_settings(IngestSettings, **{name: value})


def test_the_password_in_the_mqtt_url_is_not_shown() -> None:
    assert "secret" not in repr(IngestSettings(mqtt_url="mqtt://me:secret@127.0.0.1"))
