"""MQTT topics of the IoT agents.

topic  := ["/"] [protocol "/"] apikey "/" device "/" what
what   := "attrs" ["/" attribute] / "cmdexe" / "configuration/commands" / "lazy/values"
protocol := "json" / "ul"

and those of others, where application or group are the API key: `v3/<application>/devices/<device>/up` (The Things
Stack), `application/<application>/device/<EUI>/event/up` (ChirpStack), `spBv1.0/<group>/<type>/<node>[/<device>]`
(Sparkplug B), and ThingsBoard's under a prefix that the MQTT broker adds: `<apikey>/<sender>/v1/devices/me/<what>`,
`<apikey>/<sender>/v1/gateway/<what>`.

Without a protocol the payload is read as it looks: JSON where it begins as an object or array does.
"""

from dataclasses import replace
from functools import lru_cache

from services.ingest.codecs.aliases import BIRTHS, DATA, DEATHS
from services.ingest.domain.arrival import Address, Kind, Protocol
from services.ingest.domain.refusal import MeasureRefused, Reason

_ENDS = ("attrs", "attrs/+", "cmdexe", "configuration/commands")
_AGENTS = tuple(f"{slash}{prefix}+/+/{end}" for slash in ("/", "") for prefix in ("json/", "ul/", "") for end in _ENDS)
ANSWERS = tuple(f"{slash}{prefix}+/+/lazy/values" for slash in ("/", "") for prefix in ("json/", "ul/", ""))
"""Where devices answer what they are asked: subscribed to apart from measures."""
THINGSBOARD = (
    *("v1/devices/me/telemetry", "v1/devices/me/attributes", "v1/gateway/telemetry", "v1/gateway/attributes"),
    *("v1/gateway/connect", "v1/gateway/disconnect"),
)
SERVERS = (
    *("v3/+/devices/+/up", "application/+/device/+/event/up", "spBv1.0/+/+/+", "spBv1.0/+/+/+/+"),
    *(f"+/+/{end}" for end in THINGSBOARD),
)
FILTERS = (*_AGENTS, *SERVERS)
_PROTOCOLS: dict[str, Protocol] = {"json": "json", "ul": "ul"}
_KINDS: dict[tuple[str, ...], Kind] = {
    ("attrs",): "attrs",
    ("cmdexe",): "cmdexe",
    ("configuration", "commands"): "configuration",
    ("lazy", "values"): "lazy",
}
_SPARKPLUG = BIRTHS | DEATHS | DATA
_PATHS: dict[str, Protocol] = {"/iot/d": "ul", "/iot/things-stack": "things-stack", "/iot/chirpstack": "chirpstack"}
_LONGEST = 200
_WORDS = "The topic is not /json/<apikey>/<device>/attrs[/<attribute>], nor another that is known"


@lru_cache(maxsize=65536)
def read_topic(topic: str) -> Address:
    """Read who publishes what; devices publish to the same topics again and again. Raises MeasureRefused."""
    server = _read_server(topic.split("/"))
    if server is not None:
        return server
    levels = topic.removeprefix("/").split("/")
    protocol = _PROTOCOLS.get(levels[0].lower())
    if protocol is not None and _form(levels[3:]) is not None:
        return _read(levels[1:], protocol)
    return _read(levels, "any")


def is_command(topic: str) -> bool:
    """Tell whether a topic is a host's command to a node or device, ours among them: no measure (Sparkplug B, 4)."""
    levels = topic.split("/")
    return levels[0] == "spBv1.0" and levels[2:3] in (["NCMD"], ["DCMD"])


def read_address(apikey: str, device_id: str, attribute: str | None = None) -> Address:
    """Hold the parts of an address against their rule: 1 to 200 printable characters. Raises MeasureRefused."""
    for name, text in (("API key", apikey), ("device id", device_id), ("attribute", attribute)):
        if text is not None and (not 0 < len(text) <= _LONGEST or not text.isprintable()):
            raise MeasureRefused(Reason.BAD_TOPIC, f"The {name} must be 1 to {_LONGEST} printable characters")
    return Address(apikey, device_id, attribute)


def with_protocol_of(address: Address, topic: str) -> Address:
    """Return an address with what the topic, or the path of an HTTP request, says of protocol and kind."""
    if topic.startswith("/iot/"):
        kind: Kind = "cmdexe" if topic.endswith("/commands") else "attrs"
        found: Protocol = next((each for path, each in _PATHS.items() if topic.startswith(path)), "json")
        return replace(address, protocol=found, kind=kind)
    try:
        read = read_topic(topic)
    except MeasureRefused:
        return address
    return replace(address, protocol=read.protocol, kind=read.kind)


def _read_server(levels: list[str]) -> Address | None:
    match levels:
        case ["v3", application, "devices", device, "up"]:
            return replace(read_address(application, device), protocol="things-stack")
        case ["application", application, "device", device, "event", "up"]:
            return replace(read_address(application, device), protocol="chirpstack")
        case ["spBv1.0", group, kind, node, *rest] if kind in _SPARKPLUG and len(rest) < 2:
            return replace(read_address(group, "/".join([node, *rest])), protocol="sparkplug")
        case [apikey, sender, "v1", *rest] if "/".join(["v1", *rest]) in THINGSBOARD:
            return replace(read_address(apikey, sender), protocol="thingsboard")
        case _:
            return None


def _read(levels: list[str], protocol: Protocol) -> Address:
    form = _form(levels[2:])
    if form is None:
        raise MeasureRefused(Reason.BAD_TOPIC, _WORDS)
    kind, attribute = form
    return replace(read_address(levels[0], levels[1], attribute), protocol=protocol, kind=kind)


def _form(rest: list[str]) -> tuple[Kind, str | None] | None:
    """Return what is published, and to which attribute, by what follows the device in a topic."""
    if len(rest) == 2 and rest[0] == "attrs":
        return "attrs", rest[1]
    kind = _KINDS.get(tuple(rest))
    return None if kind is None else (kind, None)
