"""Fukui: its tenant, its gauges as devices, and the subscription that watches their alert levels."""

from collections.abc import Mapping
from typing import Any

from services.kernel.settings import Settings
from services.local.calls import Calls
from services.local.demo.gauges import APIKEY, ENTITY_TYPE, TENANT, THRESHOLDS, Gauge, read_gauges

SUBSCRIPTION = "urn:ngsi-ld:Subscription:fukui-alert-level"
RESOURCE = "/iot/json"
METRES = "MTR"
_MOST_DEVICES = 1000


async def load_fukui(settings: Settings, calls: Calls, receiver_url: str) -> list[str]:
    """Load Fukui's demo, what is there already staying; return what to say. Raises CallFailed."""
    await calls.call("PUT", f"{settings.auth_url}/tenants/{TENANT}", json={"code": "180009"})
    await _register_group(settings, calls)
    added = await _register_gauges(settings, calls)
    await _subscribe(settings, calls, receiver_url)
    return [f"Fukui: {added} river gauges registered, their alert levels watched"]


async def _register_group(settings: Settings, calls: Calls) -> None:
    url = f"{settings.ingest_url}/iot/services"
    answer = await calls.call("POST", url, tenant=TENANT, headers=_PATH, json={"services": [group()]}, accept=(409,))
    if answer.status == 409:
        which = {"resource": RESOURCE, "apikey": APIKEY}
        changes = {name: value for name, value in group().items() if name not in which}
        await calls.call("PUT", url, tenant=TENANT, headers=_PATH, params=which, json=changes)


async def _register_gauges(settings: Settings, calls: Calls) -> int:
    url = f"{settings.ingest_url}/iot/devices"
    known = await calls.call("GET", url, tenant=TENANT, headers=_PATH, params={"limit": _MOST_DEVICES})
    names = {each["device_id"] for each in known.body["devices"]}
    missing = [device(gauge) for gauge in read_gauges() if gauge.device_id not in names]
    if missing:
        await calls.call("POST", url, tenant=TENANT, headers=_PATH, json={"devices": missing})
    return len(missing)


async def _subscribe(settings: Settings, calls: Calls, receiver_url: str) -> None:
    url = f"{settings.broker_url}/ngsi-ld/v1/subscriptions"
    wanted = subscription(receiver_url)
    answer = await calls.call("POST", url, tenant=TENANT, json=wanted, accept=(409,))
    if answer.status == 409:
        changes = {"type": "Subscription", "notification": wanted["notification"]}
        await calls.call("PATCH", f"{url}/{SUBSCRIPTION}", tenant=TENANT, json=changes)


def group() -> Mapping[str, Any]:
    """Return what the gauges have in common, as the provisioning API takes it."""
    return {
        "apikey": APIKEY,
        "resource": RESOURCE,
        "entity_type": ENTITY_TYPE,
        "autoprovision": False,
        "attributes": [{"object_id": "waterLevel", "name": "waterLevel", "type": "Number", "unitCode": METRES}],
        "derivations": [
            {"name": "alertLevel", "kind": "rank-of-threshold", "of": "waterLevel", "thresholds": list(THRESHOLDS)}
        ],
    }


def device(gauge: Gauge) -> Mapping[str, Any]:
    """Return a gauge as the provisioning API takes it, with the thresholds that it has."""
    texts = {"name": gauge.name, "river": gauge.river, "address": gauge.address, "operator": gauge.operator}
    static: list[Mapping[str, Any]] = [{"name": name, "type": "Text", "value": text} for name, text in texts.items()]
    if gauge.position:
        point = {"type": "Point", "coordinates": list(gauge.position)}
        static.append({"name": "location", "type": "geo:json", "value": point})
    static += [
        {"name": name, "type": "Number", "value": level, "unitCode": METRES} for name, level in gauge.thresholds.items()
    ]
    return {
        "device_id": gauge.device_id,
        "apikey": APIKEY,
        "entity_name": gauge.entity_id,
        "entity_type": ENTITY_TYPE,
        "protocol": "IoTA-JSON",
        "transport": "MQTT",
        "timezone": "Asia/Tokyo",
        "static_attributes": static,
    }


def subscription(receiver_url: str) -> Mapping[str, Any]:
    """Return the subscription that tells the receiver of every alert level."""
    return {
        "id": SUBSCRIPTION,
        "type": "Subscription",
        "description": "Alert levels of Fukui's rivers",
        "entities": [{"type": ENTITY_TYPE}],
        "watchedAttributes": ["alertLevel"],
        "notification": {
            "attributes": ["name", "river", "waterLevel", "alertLevel"],
            "format": "normalized",
            "showChanges": True,
            "endpoint": {"uri": receiver_url, "accept": "application/json"},
        },
    }


_PATH = {"Fiware-ServicePath": "/"}
