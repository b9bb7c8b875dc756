"""Who this context source is (5.15, 6.34)."""

from datetime import datetime

from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import document_answer
from services.broker.ngsild.context import context_of
from services.broker.ngsild.parameters import read_representation
from services.kernel.clock import system_clock, to_iso

_STARTED: datetime = system_clock()


def duration(seconds: int) -> str:
    """Write a duration as ISO 8601 does: `P1DT2H3M4S`."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    return f"P{days}DT{hours}H{minutes}M{left}S"


def alias_of(call: Call) -> str:
    """Return the pseudonym of this installation and tenant among context sources (5.15.1, 6.3.18)."""
    return f"{call.tenant_name}.{call.broker.alias}" if call.tenant_name else call.broker.alias


async def source_identity(call: Call) -> Response:
    """Tell this context source's alias, uptime and time (5.15.1)."""
    now = call.broker.clock()
    alias = alias_of(call)
    document = {
        "id": f"urn:ngsi-ld:ContextSourceIdentity:{alias}",
        "type": "ContextSourceIdentity",
        "contextSourceAlias": alias,
        "contextSourceUptime": duration(int((now - _STARTED).total_seconds())),
        "contextSourceTimeAt": to_iso(now),
    }
    return await document_answer(call, document, read_representation(call, await context_of(call), geo=False))
