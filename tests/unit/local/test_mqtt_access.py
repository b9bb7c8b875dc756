"""Users and rights of devices at the MQTT broker, as Mosquitto and EMQX read them."""

import base64
import hashlib

import pytest

from services.local.mqtt_access import (
    DeviceUser,
    TlsFiles,
    emqx_acl,
    emqx_configuration,
    emqx_users,
    mosquitto_acl,
    mosquitto_listener,
    mosquitto_passwords,
    new_users,
)

USER = DeviceUser("rivers", "gauge:1", "secret")


def test_every_device_has_a_name_and_a_password_of_its_own() -> None:
    first, second = new_users([("k", "a:b"), ("k", "c")])
    assert first.name == "k/a%3Ab"
    assert first.password != second.password
    assert len(first.password) >= 32


@pytest.mark.parametrize(
    "device", [("k", "a+"), ("k", "#"), ("", "a"), ("k", "a/b"), ("k+", "a"), ("k", "${clientid}")]
)
def test_a_device_whose_topics_would_be_others_too_is_refused(device: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="topics of its own"):
        new_users([device])


def test_mosquitto_gets_hashes_and_no_passwords() -> None:
    text = mosquitto_passwords([USER], "ingest-secret")
    assert "secret" not in text.replace("hiroba-ingest", "")
    name, _, hashed = text.splitlines()[1].partition(":")
    assert name == "rivers/gauge%3A1"
    _, kind, iterations, salt, digest = hashed.split("$")
    assert kind == "7"
    expected = hashlib.pbkdf2_hmac("sha512", b"secret", base64.b64decode(salt), int(iterations), 64)
    assert base64.b64decode(digest) == expected


def test_a_device_has_rights_on_its_own_topics() -> None:
    rights = mosquitto_acl([USER]).partition("user rivers/gauge%3A1\n")[2].splitlines()
    assert "topic write /json/rivers/gauge:1/attrs" in rights
    assert "topic read /rivers/gauge:1/cmd" in rights
    assert all("rivers/gauge:1/" in each for each in rights)


def test_only_a_gateway_may_speak_for_others() -> None:
    device, gateway = new_users([("rivers", "a"), ("rivers", "b")], ["b"])
    topic = "rivers/{}/v1/gateway/telemetry"
    assert f"topic write {topic.format('b')}" in mosquitto_acl([gateway])
    assert "v1/gateway" not in mosquitto_acl([device])
    assert '"v1/devices/me/telemetry"' in emqx_acl([device])
    assert "v1/gateway" not in emqx_acl([device])
    assert '"v1/gateway/telemetry"' in emqx_acl([gateway])
    with pytest.raises(ValueError, match="gateway"):
        new_users([("rivers", "a")], ["c"])


def test_the_listener_speaks_tls_and_loses_nothing() -> None:
    lines = mosquitto_listener(8883, "/etc/m", TlsFiles("c.pem", "k.pem", "ca.pem")).splitlines()
    wanted = {"listener 8883", "certfile c.pem", "cafile ca.pem", "require_certificate true", "allow_anonymous false"}
    assert wanted | {"max_queued_messages 0", "persistence true"} <= set(lines)
    assert "certfile" not in mosquitto_listener(1883, "/etc/m", None)


def test_emqx_denies_what_no_rule_allows() -> None:
    acl = emqx_acl([USER]).splitlines()
    assert acl[-1] == "{deny, all}."
    heard = ("rivers/gauge:1/cmd", "/rivers/gauge:1/cmd")
    heard += ("rivers/gauge:1/configuration/values", "/rivers/gauge:1/configuration/values")
    heard += ("rivers/gauge:1/lazy/commands", "/rivers/gauge:1/lazy/commands")
    topics = ", ".join(f'"{topic}"' for topic in heard)
    assert acl[2] == f'{{allow, {{username, "rivers/gauge%3A1"}}, subscribe, [{topics}]}}.'
    users = emqx_users([USER], "x")
    assert users.splitlines()[1:] == ["hiroba-ingest,x,true", "rivers/gauge%3A1,secret,false"]
    text = emqx_configuration("/etc/emqx", TlsFiles("c", "k"))
    assert "no_match = deny" in text
    assert "listeners.tcp.default.enable = false" in text
