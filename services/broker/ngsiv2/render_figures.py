"""The counted requests as Orion shows them at /admin/metrics and /statistics (Orion, Metrics API, Statistics)."""

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from services.broker.operations.v2_figures import Key, Transactions, V2Figures


def render_metrics(figures: V2Figures) -> dict[str, Any]:
    """Return transactions by tenant and service path, with sums; what is zero is left out."""
    keys = sorted(figures.incoming.keys() | figures.outgoing.keys())
    services: dict[str, list[Key]] = defaultdict(list)
    paths: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        services[key[0]].append(key)
        paths[key[1]].append(key)
    return {
        "services": {
            name: {"subservs": {key[1]: _sum(figures, [key]) for key in found}, "sum": _sum(figures, found)}
            for name, found in services.items()
        },
        "sum": {
            "subservs": {path: _sum(figures, found) for path, found in paths.items()},
            "sum": _sum(figures, keys),
        },
    }


def _sum(figures: V2Figures, keys: Iterable[Key]) -> dict[str, Any]:
    incoming, outgoing = Transactions(), Transactions()
    for key in keys:
        for total, rows in ((incoming, figures.incoming), (outgoing, figures.outgoing)):
            if key in rows:
                total.add(rows[key])
    shown: dict[str, Any] = {**_render("incoming", incoming), **_render("outgoing", outgoing)}
    if incoming.count:
        shown["serviceTime"] = round(incoming.seconds / incoming.count, 9)
    return shown


def _render(way: str, total: Transactions) -> dict[str, int]:
    shown = {
        f"{way}Transactions": total.count,
        f"{way}TransactionRequestSize": total.request_bytes,
        f"{way}TransactionResponseSize": total.response_bytes,
        f"{way}TransactionErrors": total.errors,
    }
    return {name: value for name, value in shown.items() if value}


def render_statistics(figures: V2Figures, *, counters: bool) -> dict[str, Any]:
    """Return how long is measured, in seconds, and on demand the requests by kind, path and method."""
    now = time.monotonic()
    shown: dict[str, Any] = {
        "uptime_in_secs": int(now - figures.started),
        "measuring_interval_in_secs": int(now - figures.since),
    }
    if counters:
        requests: dict[str, dict[str, int]] = defaultdict(dict)
        for (template, method), count in sorted(figures.requests.items()):
            requests[template][method] = count
        shown = {"counters": {**figures.kinds, "requests": requests}, **shown}
    return shown
