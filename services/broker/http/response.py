"""An HTTP response of a face."""

from dataclasses import dataclass
from typing import Any

import orjson

from services.kernel.telemetry import Send

Headers = tuple[tuple[str, str], ...]
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Response:
    """Status, body and headers; an empty body has no content type."""

    status: int = 200
    body: bytes = b""
    media_type: str | None = None
    headers: Headers = ()

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Send the response; without its body for HEAD."""
        headers = [(b"content-length", str(len(self.body)).encode())] if self.status != 204 else []
        if self.media_type and self.body:
            headers.append((b"content-type", self.media_type.encode("latin-1")))
        headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


def json_response(value: Any, status: int = 200, headers: Headers = (), media_type: str = JSON) -> Response:
    """Answer with a JSON document."""
    return Response(status, orjson.dumps(value), media_type, headers)
