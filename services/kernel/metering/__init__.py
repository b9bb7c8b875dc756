"""Metering: what tenants use, counted in memory, kept in the service's own schema, handed over to auth.

A request costs one addition to a dictionary. Every few seconds each process adds what it has counted to the table
`usage_tally` of its service; whole batches of that table, numbered, go to auth, which takes each number once.
"""

from services.kernel.metering.kinds import (
    FLOWS,
    JST,
    KINDS,
    STOCKS,
    Kind,
    call_kind,
    day_of,
)
from services.kernel.metering.ledger import Ledger
from services.kernel.metering.meter import Meter
from services.kernel.metering.metered import Metered
from services.kernel.metering.tables import usage_tables

__all__ = [
    "FLOWS",
    "JST",
    "KINDS",
    "STOCKS",
    "Kind",
    "Ledger",
    "Meter",
    "Metered",
    "call_kind",
    "day_of",
    "usage_tables",
]
