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


async def source_identity(call: Call) -> Response:
    """Tell this context source's alias, uptime and time (5.15.1)."""
    now = call.broker.clock()
    name = f"{call.tenant_name}." if call.tenant_name else ""
    document = {
        "id": f"urn:ngsi-ld:ContextSourceIdentity:{name}hiroba",
        "type": "ContextSourceIdentity",
        "contextSourceAlias": f"{name}hiroba",
        "contextSourceUptime": duration(int((now - _STARTED).total_seconds())),
        "contextSourceTimeAt": to_iso(now),
    }
    return await document_answer(call, document, read_representation(call, await context_of(call), geo=False))
