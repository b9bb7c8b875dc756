"""Whether a reader may go on: token, grants and tenant are held against the rules of the beginning, again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.broker.http.admission import Asked, admit
from services.broker.http.face import PURPOSE, Call
from services.kernel.errors import NotAllowed
from services.kernel.identity import OPEN, TokenVerifier
from services.kernel.tenancy.open_data import identified_reader


def rechecking(call: Call, verifier: TokenVerifier, paths: tuple[str, ...]) -> Callable[[], Awaitable[None]]:
    """Return what raises HubError once the reader may not read any more, or not the same."""
    purpose = call.request.headers.get(PURPOSE, "")
    asked = Asked(call.request.template, "read", call.tenant_name, paths, purpose)

    async def check() -> None:
        await call.tenant()
        principal = await identified_reader(verifier, call.broker.tenants, call.request.headers)
        if principal is OPEN:
            return
        admitted = await admit(replace(call.broker, view=None), principal, asked)
        if admitted.view != call.broker.view:
            raise NotAllowed("The caller's grants are not what they were when the stream began")

    return check
