"""Uplinks of LoRaWAN network servers: The Things Stack v3 and ChirpStack v4, as JSON.

What a device's decoder made of the payload (`decoded_payload`, `object`) are the measure's keys, with how it was
received: `f_port`, `f_cnt`, `rssi`, `snr`, `gateway`, `data_rate`, `frequency`; the payload as it was sent is
`frm_payload` (base64). Fields that a server leaves out because they are 0 are 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

_UNHEARD_DBM: Final = -1000.0
RAW: Final = "frm_payload"
_RECEPTION: Final = frozenset({"f_port", "f_cnt", RAW, "gateway", "rssi", "snr", "data_rate", "frequency", TIME_NAME})


@dataclass(frozen=True, slots=True)
class Uplink:
    """Who sent, what was measured, and what tells this uplink from all others."""

    application: str
    device_id: str
    values: dict[str, Any]
    identity: str


def read_things_stack(message: Any) -> Uplink | None:
    """Read an uplink of The Things Stack v3; None for another event (join, downlink…). Raises MeasureRefused."""
    fields = _object(message, "The message")
    if fields.get("uplink_message") is None:
        return None
    uplink = _object(fields["uplink_message"], "uplink_message")
    ends = _object(fields.get("end_device_ids"), "end_device_ids")
    application = _object(ends.get("application_ids"), "application_ids").get("application_id")
    settings = uplink.get("settings") if isinstance(uplink.get("settings"), dict) else {}
    best = _strongest(uplink.get("rx_metadata"))
    lora = _at(settings, "data_rate", "lora")
    told = {
        "f_port": uplink.get("f_port", 0),
        "f_cnt": uplink.get("f_cnt", 0),
        RAW: uplink.get("frm_payload"),
        "gateway": _at(best, "gateway_ids", "gateway_id"),
        "rssi": _at(best, "rssi"),
        "snr": _at(best, "snr"),
        "data_rate": f"SF{lora['spreading_factor']}" if isinstance(lora, dict) and "spreading_factor" in lora else None,
        "frequency": _number(_at(settings, "frequency")),
        TIME_NAME: uplink.get("received_at") or fields.get("received_at"),
    }
    identity = f"{uplink.get('session_key_id', '')}/{told['f_cnt']}" if uplink.get("session_key_id") else ""
    device = _text(ends.get("device_id"), "device_id")
    return Uplink(_text(application, "application_id"), device, _merged(uplink.get("decoded_payload"), told), identity)


def read_chirpstack(message: Any) -> Uplink | None:
    """Read an uplink of ChirpStack v4; None for another event. Raises MeasureRefused, also for one of ChirpStack v3."""
    fields = _object(message, "The message")
    if not {"fCnt", "data", "object", "rxInfo"} & set(fields) or "integrationName" in fields:
        return None
    info = _object(fields.get("deviceInfo"), "deviceInfo")
    best = _strongest(fields.get("rxInfo"))
    lora = _at(fields, "txInfo", "modulation", "lora")
    told = {
        "f_port": fields.get("fPort", 0),
        "f_cnt": fields.get("fCnt", 0),
        RAW: fields.get("data"),
        "gateway": _at(best, "gatewayId"),
        "rssi": _at(best, "rssi"),
        "snr": _at(best, "snr"),
        "data_rate": f"SF{lora['spreadingFactor']}" if isinstance(lora, dict) and "spreadingFactor" in lora else None,
        "frequency": _number(_at(fields, "txInfo", "frequency")),
        TIME_NAME: fields.get("time"),
    }
    identity = str(fields.get("deduplicationId") or "")
    application = _text(info.get("applicationId"), "applicationId")
    return Uplink(application, _text(info.get("devEui"), "devEui"), _merged(fields.get("object"), told), identity)


def is_without_payload(values: Mapping[str, Any]) -> bool:
    """Tell whether a measure is an uplink in which a device only answered its network (LoRaWAN 1.0.4, 5)."""
    return "f_cnt" in values and values.keys() <= _RECEPTION and not values.get(RAW)


def _merged(decoded: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(decoded) if isinstance(decoded, dict) else {}
    return values | {name: value for name, value in told.items() if value is not None}


def _strongest(received: Any) -> Any:
    """Return how the gateway that heard it best received an uplink."""
    heard = [each for each in received if isinstance(each, dict)] if isinstance(received, list) else []
    return max(heard, key=lambda each: _number(each.get("rssi")) or _UNHEARD_DBM, default=None)


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float | None:
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MeasureRefused(Reason.NOT_A_MEASURE, f"{name} is not an object")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise MeasureRefused(Reason.NOT_A_MEASURE, f"{name} is missing")
    return value
