"""Whether a reader may go on: token, grants and tenant are held against the rules of the beginning, again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.broker.http.admission import Asked, admit, open_data_reader
from services.broker.http.face import Call
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import OPEN, TokenVerifier


def rechecking(call: Call, verifier: TokenVerifier, paths: tuple[str, ...]) -> Callable[[], Awaitable[None]]:
    """Return what raises HubError once the reader may not read any more, or not the same."""
    asked = Asked(call.request.template, "read", call.tenant_name, paths)

    async def check() -> None:
        await call.tenant()
        authorization = call.request.headers.get("authorization")
        try:
            principal = await verifier.identify(authorization)
        except NotAuthenticated as refusal:
            if authorization is not None:
                raise
            principal = await open_data_reader(call.broker, call.tenant_name, refusal)
        if principal is OPEN:
            return
        admitted = await admit(replace(call.broker, view=None), principal, asked)
        if admitted.view != call.broker.view:
            raise NotAllowed("The caller's grants are not what they were when the stream began")

    return check
