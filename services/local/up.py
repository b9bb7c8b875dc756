"""`hiroba up`: starts the hub, tells what runs where, and stays until a signal ends it."""

import time
from collections.abc import Callable

from services.local import preflight
from services.local.environment import ADMINISTRATOR_FILE, SERVICES
from services.local.hub import Hub
from services.local.preflight import NotReady
from services.local.screen import say, table
from services.local.settings import LocalSettings
from services.local.stopping import StopRequested, ignore_signals, stop_signals

_OPEN_NOTICE = """\
  !! Open: HIROBA_AUTH=open. Whoever reaches this machine's loopback may read and write everything.
     Set HIROBA_AUTH=required to ask for tokens.
"""
_CLOSED_NOTICE = """\
  Every call needs a token, which auth gives for a client's secret; the first administrator's is in
  {}
"""


def run_hub(settings: LocalSettings, visit: Callable[[Hub], int], *, with_demo: bool) -> int:
    """Start the hub, let `visit` use it, end it whatever happens, and return the exit code.

    A signal ends the visit with 0; what hinders the start is told in one line, with 1.
    """
    hub = Hub(settings, with_demo=with_demo)
    with stop_signals():
        try:
            started = time.monotonic()
            preflight.check(settings, with_demo=with_demo)
            hub.start()
            say(announcement(hub, time.monotonic() - started))
            return visit(hub)
        except NotReady as error:
            say(f"Hiroba cannot start: {error}")
            return 1
        except StopRequested:
            say("Stopping")
            return 0
        finally:
            ignore_signals()
            hub.stop()


def stay(hub: Hub) -> int:
    """Watch over the hub until a signal comes."""
    hub.watch()
    return 0


def announcement(hub: Hub, seconds: float) -> str:
    """Say what runs where, and what to try first."""
    settings = hub.settings
    rows = [("service", "address", "ready", "API documentation")]
    rows += [(each, settings.service_url(each), "yes", f"{settings.service_url(each)}/docs") for each in SERVICES]
    rows.append(("portal", f"{settings.service_url('catalog')}/", "yes", "none: pages for people, in a browser"))
    rows.append(("mqtt", settings.own_mqtt_url, "yes", hub.mqtt_label))
    database = "given" if settings.database_url else f"embedded, in {hub.directory / 'postgres'}"
    rows.append(("database", "PostgreSQL", "yes", database))
    closed = _CLOSED_NOTICE.format(hub.directory / ADMINISTRATOR_FILE)
    notice = _OPEN_NOTICE if settings.auth == "open" else closed
    heading = f"Hiroba is ready after {seconds:.1f} s; Ctrl-C ends it"
    return f"\n{heading}\n\n{table(rows)}\n\n{notice}\n{_to_paste(settings)}"


def _to_paste(settings: LocalSettings) -> str:
    broker = f"{settings.service_url('broker')}/ngsi-ld/v1/entities"
    flooded = "type=WaterLevelObserved&q=alertLevel%3E%3D2&options=keyValues"
    return "\n".join(
        [
            "  Try:",
            f"    curl '{broker}?type=EvacuationSite&limit=2' -H 'NGSILD-Tenant: takamatsu'",
            f"    curl '{broker}?{flooded}' -H 'NGSILD-Tenant: fukui'",
            f"    curl '{settings.service_url('catalog')}/api/3/action/package_search?q=AED'",
            "",
        ]
    )
