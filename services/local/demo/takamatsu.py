"""Takamatsu: its tenant below the prefecture's, its CSV files as entities, its list of open data as data sets."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.kernel.settings import Settings
from services.local.calls import CallFailed, Calls
from services.local.demo.files import data

Report = Mapping[str, Any]
TENANT = "takamatsu"
TYPES: Mapping[str, str] = {
    "evacuation_space": "EvacuationSite",
    "tsunami_evacuation_building": "TsunamiEvacuationBuilding",
    "aed_location": "AED",
    "municipal_parking": "OffStreetParking",
    "bictcle_rental_port": "BikeHireDockingStation",
    "tourist_facilities": "PointOfInterest",
    "park": "Park",
    "reservoir_list": "Reservoir",
    "public_wireless_lan": "PublicWiFi",
    "exchange_center": "ExchangeCenter",
    "sandbag_creation_location": "SandbagStation",
}
"""The entity type of each file."""

_CSV = {"Content-Type": "text/csv"}
_POLL_S = 0.5
_LICENCE = "CC-BY-4.0"
_LONGEST_WAIT_S = 120.0


async def load_takamatsu(settings: Settings, calls: Calls) -> list[str]:
    """Load Takamatsu's demo, all of it again if it is there; return what to say. Raises CallFailed."""
    await calls.call("PUT", f"{settings.auth_url}/tenants/kagawa", json={"code": "370002"})
    await calls.call(
        "PUT",
        f"{settings.auth_url}/tenants/{TENANT}",
        json={"code": "372013", "title_en": "Takamatsu", "parent": "kagawa"},
    )
    reports = [await _import_file(settings, calls, name, kind) for name, kind in TYPES.items()]
    listing = await _import_listing(settings, calls)
    await _state_terms(settings, calls)
    return [summary(reports), listing]


async def _import_file(settings: Settings, calls: Calls, name: str, kind: str) -> Report:
    url = f"{settings.ingest_url}/imports"
    content = (data() / TENANT / f"{name}.csv").read_bytes()
    answer = await calls.call("POST", url, tenant=TENANT, params={"type": kind}, headers=_CSV, content=content)
    run = answer.body
    while run["status"] == "running":  # on a slow machine the answer comes before the end
        await asyncio.sleep(_POLL_S)
        run = (await calls.call("GET", f"{url}/{run['id']}", tenant=TENANT)).body
    report: Report = run["report"]
    return report


async def _import_listing(settings: Settings, calls: Calls) -> str:
    url = f"{settings.catalog_url}/datasets/import"
    content = (data() / TENANT / "open_data_list.csv").read_bytes()
    report = (await calls.call("POST", url, tenant=TENANT, headers=_CSV, content=content)).body
    return f"Takamatsu: {report['accepted']:,} data sets in the catalogue, {len(report['refused'])} rows refused"


async def _state_terms(settings: Settings, calls: Calls) -> None:
    """Say under which terms the city gives the live data, as soon as the catalogue knows their types."""
    started = time.monotonic()
    for kind in TYPES.values():
        url = f"{settings.catalog_url}/datasets/{TENANT}-{kind.lower()}"
        while (await calls.call("PATCH", url, tenant=TENANT, accept=(404,), json={"licence": _LICENCE})).status == 404:
            if time.monotonic() - started > _LONGEST_WAIT_S:
                raise CallFailed(f"The catalogue does not know {kind} after {_LONGEST_WAIT_S:.0f} s")
            await asyncio.sleep(_POLL_S)


def summary(reports: Sequence[Report]) -> str:
    """Say in one line what became of the files' rows."""
    accepted = sum(report["accepted"] for report in reports)
    repaired = sum(repair["count"] for report in reports for repair in report["repaired"])
    refused = sum(refusal["count"] for report in reports for refusal in report["refused"])
    empty = sum(report["empty"]["count"] for report in reports)
    return (
        f"Takamatsu: {accepted:,} entities from {len(reports)} files, with {repaired:,} repairs; "
        f"{empty} rows are empty, {refused} refused"
    )
