"""Resources of NGSI-LD that the context broker does not have yet: requests are checked, then refused as such."""

from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.context import body_context, context_of
from services.broker.ngsild.errors import NotImplementedHere
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.parameters import read_ld_page


async def refuse(call: Call) -> Response:
    """Refuse a request after what holds for every request: parameters, media types, body, @context (6.3)."""
    if call.request.method in ("POST", "PATCH", "PUT"):
        await body_context(call, read_object(await call.request.json()))
    else:
        await context_of(call)
        read_ld_page(call.request.parameters)
    path = "/".join(call.request.segments[2:3])
    raise NotImplementedHere(f"{path} is not implemented by this version of the context broker")
