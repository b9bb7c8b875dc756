"""MQTT topics of the JSON protocol.

topic := ["/"] ["json/"] apikey "/" device "/attrs" ["/" attribute]
"""

from services.ingest.domain.arrival import Address
from services.ingest.domain.refusal import MeasureRefused, Reason

FILTERS = tuple(
    f"{slash}{prefix}+/+/attrs{end}" for slash in ("/", "") for prefix in ("json/", "") for end in ("", "/+")
)
_PROTOCOL = "json"
_LONGEST = 200


def read_topic(topic: str) -> Address:
    """Read who publishes. Raises MeasureRefused."""
    levels = topic.removeprefix("/").split("/")
    if levels[0].lower() == _PROTOCOL and len(levels) > 3:
        levels = levels[1:]
    if len(levels) not in (3, 4) or levels[2] != "attrs":
        raise MeasureRefused(Reason.BAD_TOPIC, "The topic is not /json/<apikey>/<device>/attrs[/<attribute>]")
    return read_address(levels[0], levels[1], levels[3] if len(levels) == 4 else None)


def read_address(apikey: str, device_id: str, attribute: str | None = None) -> Address:
    """Hold the parts of an address against their rule: 1 to 200 printable characters. Raises MeasureRefused."""
    for name, text in (("API key", apikey), ("device id", device_id), ("attribute", attribute)):
        if text is not None and (not 0 < len(text) <= _LONGEST or not text.isprintable()):
            raise MeasureRefused(Reason.BAD_TOPIC, f"The {name} must be 1 to {_LONGEST} printable characters")
    return Address(apikey, device_id, attribute)
