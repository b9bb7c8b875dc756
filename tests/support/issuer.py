"""An issuer of tokens that is no auth: it serves its keys and signs what a test asks for."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from services.kernel.telemetry import Receive, Scope, Send
from tests.support.serving import served

_KEY = ECKey.generate_key("P-256", {"kid": "test", "use": "sig", "alg": "ES256"})


@dataclass(frozen=True)
class Issuer:
    """Where its keys are."""

    url: str

    def bearer(self, *grants: dict[str, Any], seconds: int = 600) -> dict[str, str]:
        """Return the header of a client that has grants, for so long."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": "c", "client_id": "c", "aud": "hiroba", "iat": now, "exp": now + seconds}
        header = {"alg": "ES256", "kid": "test", "typ": "at+jwt"}
        token = jwt.encode(header, {**claims, "grants": list(grants)}, _KEY, algorithms=["ES256"])
        return {"Authorization": f"Bearer {token}"}


async def _serve_keys(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = json.dumps({"keys": [_KEY.as_dict(private=False)]}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def issuing() -> Iterator[Issuer]:
    """Serve the keys for the length of the block."""
    with served(_serve_keys) as url:
        yield Issuer(url)
