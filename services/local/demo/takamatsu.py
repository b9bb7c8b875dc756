"""Takamatsu: its tenant below the prefecture's, its CSV files as entities, its list of open data as data sets."""

from collections.abc import Mapping
from typing import Any

from services.kernel.settings import Settings
from services.local.calls import Calls
from services.local.demo.files import data

TENANT = "takamatsu"
TYPES: Mapping[str, str] = {
    "evacuation_space": "EvacuationSite",
    "tsunami_evacuation_building": "TsunamiEvacuationBuilding",
    "aed_location": "AED",
    "municipal_parking": "OffStreetParking",
    "bictcle_rental_port": "BikeHireDockingStation",
    "tourist_facilities": "TouristAttraction",
    "park": "Park",
    "reservoir_list": "Reservoir",
    "public_wireless_lan": "PublicWirelessLan",
    "exchange_center": "ExchangeCenter",
    "sandbag_creation_location": "SandbagStation",
}
"""The entity type of each file."""


async def load_takamatsu(settings: Settings, calls: Calls) -> list[str]:
    """Load Takamatsu's demo, all of it again if it is there; return what to say. Raises CallFailed."""
    await calls.call("PUT", f"{settings.auth_url}/tenants/kagawa", json={"code": "370002"})
    await calls.call("PUT", f"{settings.auth_url}/tenants/{TENANT}", json={"code": "372013", "parent": "kagawa"})
    reports = [await _import_file(settings, calls, name, kind) for name, kind in TYPES.items()]
    listing = await _import_listing(settings, calls)
    return [_summary(reports), listing]


async def _import_file(settings: Settings, calls: Calls, name: str, kind: str) -> Mapping[str, Any]:
    content = (data() / TENANT / f"{name}.csv").read_bytes()
    answer = await calls.call(
        "POST",
        f"{settings.ingest_url}/imports",
        tenant=TENANT,
        params={"type": kind},
        headers={"Content-Type": "text/csv"},
        content=content,
    )
    report: Mapping[str, Any] = answer.body
    return report


async def _import_listing(settings: Settings, calls: Calls) -> str:
    content = (data() / TENANT / "open_data_list.csv").read_bytes()
    url = f"{settings.catalog_url}/datasets/import"
    answer = await calls.call("POST", url, tenant=TENANT, headers={"Content-Type": "text/csv"}, content=content)
    return f"Takamatsu: the catalogue lists the city's open data: {answer.body}"


def _summary(reports: list[Mapping[str, Any]]) -> str:
    return f"Takamatsu: {len(reports)} files: {reports}"
