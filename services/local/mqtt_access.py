"""Who may do what at the MQTT broker: a user for each device, which reaches its own topics and no others.

Written for Mosquitto (password file and ACL file) and EMQX 5 (users to be imported, and rules of its file authoriser).
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

_ITERATIONS = 101  # what mosquitto_passwd writes; each check costs the broker that much
_SENT = ("attrs", "attrs/#", "cmdexe", "configuration/commands", "lazy/values")
_OWN_OF_THINGSBOARD = ("v1/devices/me/telemetry", "v1/devices/me/attributes")
_OTHERS_OF_THINGSBOARD = tuple(f"v1/gateway/{what}" for what in ("telemetry", "attributes", "connect", "disconnect"))
_RECEIVED = ("cmd", "configuration/values", "lazy/commands")
_WILDCARDS = frozenset("+#/")
INGEST = "hiroba-ingest"


@dataclass(frozen=True)
class DeviceUser:
    """A device at the MQTT broker. A gateway may speak for every device of its API key, on ThingsBoard's topics."""

    apikey: str
    device_id: str
    password: str
    is_gateway: bool = False

    @property
    def name(self) -> str:
        """The user's name: API key and device, percent-encoded, with a slash between."""
        return f"{quote(self.apikey, safe='')}/{quote(self.device_id, safe='')}"

    @property
    def published(self) -> tuple[str, ...]:
        """The topics on which the device sends."""
        tail = f"{self.apikey}/{self.device_id}"
        heads = [f"{slash}{protocol}{tail}" for slash in ("", "/") for protocol in ("json/", "ul/", "")]
        return (*(f"{head}/{end}" for head in heads for end in _SENT), *(f"{tail}/{end}" for end in self.mounted))

    @property
    def mounted(self) -> tuple[str, ...]:
        """ThingsBoard's topics, as the device names them before the broker mounts them under who it is."""
        return (*_OWN_OF_THINGSBOARD, *(_OTHERS_OF_THINGSBOARD if self.is_gateway else ()))

    @property
    def received(self) -> tuple[str, ...]:
        """The topics on which it gets commands, its configuration and questions."""
        tail = f"{self.apikey}/{self.device_id}"
        return tuple(f"{slash}{tail}/{end}" for end in _RECEIVED for slash in ("", "/"))


@dataclass(frozen=True)
class TlsFiles:
    """The files of a TLS listener; with `ca` devices must show a certificate that it has signed."""

    certificate: str
    key: str
    ca: str | None = None


def has_own_topics(apikey: str, device_id: str) -> bool:
    """Tell whether topics can name a device and no other; EMQX takes `${…}` in a rule for who is connected."""
    named = apikey + device_id
    return bool(apikey) and not _WILDCARDS & set(named) and "${" not in named and named.isprintable()


def new_users(devices: Iterable[tuple[str, str]], gateways: Collection[str] = ()) -> list[DeviceUser]:
    """Make users with new passwords of devices (API key, id); `gateways` are the ids of those that are.

    Raises ValueError for a device that no topic can name, and for a gateway that is no device.
    """
    users = []
    for apikey, device_id in devices:
        if not has_own_topics(apikey, device_id):
            raise ValueError(f"Device {device_id!r} with API key {apikey!r} cannot have MQTT topics of its own")
        users.append(DeviceUser(apikey, device_id, secrets.token_urlsafe(24), is_gateway=device_id in gateways))
    unknown = sorted(set(gateways) - {each.device_id for each in users})
    if unknown:
        raise ValueError(f"There is no device {', '.join(unknown)} to be a gateway")
    return users


def mosquitto_passwords(users: Sequence[DeviceUser], ingest_password: str) -> str:
    """Write Mosquitto's password file: PBKDF2 with SHA-512, as `mosquitto_passwd` does."""
    lines = [(INGEST, ingest_password), *((user.name, user.password) for user in users)]
    return "".join(f"{name}:{_hashed(password)}\n" for name, password in lines)


def mosquitto_acl(users: Sequence[DeviceUser]) -> str:
    """Write Mosquitto's ACL file."""
    parts = [f"# Written by `hiroba mqtt mosquitto`.\nuser {INGEST}\ntopic readwrite #\n"]
    for user in users:
        rights = [f"topic write {topic}" for topic in user.published]
        rights += [f"topic read {topic}" for topic in user.received]
        parts.append("\n".join([f"user {user.name}", *rights, ""]))
    return "\n".join(parts)


def mosquitto_listener(port: int, directory: str, tls: TlsFiles | None) -> str:
    """Write Mosquitto's configuration: TLS where files are given, passwords, ACL, and nothing that loses messages."""
    lines = ["# Written by `hiroba mqtt mosquitto`.", f"listener {port}"]
    if tls is not None:
        lines += [f"certfile {tls.certificate}", f"keyfile {tls.key}", "tls_version tlsv1.2"]
        lines += [f"cafile {tls.ca}", "require_certificate true"] if tls.ca else []
    lines += ["allow_anonymous false", f"password_file {directory}/passwords", f"acl_file {directory}/acl"]
    lines += ["max_inflight_messages 2000", "max_queued_messages 0", "persistence true", "autosave_interval 1"]
    return "\n".join([*lines, ""])


def emqx_users(users: Sequence[DeviceUser], ingest_password: str) -> str:
    """Write the users that EMQX imports (`bootstrap_type = plain`)."""
    rows = [(INGEST, ingest_password, "true"), *((user.name, user.password, "false") for user in users)]
    return "user_id,password,is_superuser\n" + "".join(",".join(row) + "\n" for row in rows)


def emqx_acl(users: Sequence[DeviceUser]) -> str:
    """Write the rules of EMQX's file authoriser; what no rule allows is denied.

    They are asked before a topic is mounted.
    """
    rules = [
        f'{{allow, {{username, "{user.name}"}}, {action}, [{", ".join(_quoted(topic) for topic in topics)}]}}.'
        for user in users
        for action, topics in (("publish", (*user.published, *user.mounted)), ("subscribe", user.received))
    ]
    return "\n".join(["%% Written by `hiroba mqtt emqx`.", *rules, "{deny, all}.", ""])


def emqx_configuration(directory: str, tls: TlsFiles | None) -> str:
    """Write EMQX's configuration: where users and rules are, and shared subscriptions that keep a device's order."""
    lines = ["## Written by `hiroba mqtt emqx`."]
    lines += ["authentication = [{mechanism = password_based, backend = built_in_database, user_id_type = username"]
    lines += [f'  bootstrap_file = "{directory}/users.csv", bootstrap_type = plain}}]']
    lines += [
        f'authorization {{no_match = deny, sources = [{{type = file, enable = true, path = "{directory}/acl.conf"}}]}}'
    ]
    lines += ["mqtt {shared_subscription_strategy = hash_clientid, max_inflight = 2000, max_mqueue_len = infinity}"]
    if tls is not None:
        ca = f', cacertfile = "{tls.ca}", verify = verify_peer, fail_if_no_peer_cert = true' if tls.ca else ""
        options = f'certfile = "{tls.certificate}", keyfile = "{tls.key}"{ca}'
        lines += [f"listeners.ssl.default {{ssl_options {{{options}}}}}", "listeners.tcp.default.enable = false"]
    return "\n".join([*lines, ""])


def _hashed(password: str) -> str:
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, 64)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
