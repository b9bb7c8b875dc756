"""HEAD: what GET would answer, without its body (RFC 9110, 9.3.2)."""

import asyncio

from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send


class AnswersHead:
    """Pure ASGI middleware that asks an app for a GET and sends its head alone.

    An answer in parts is left at the first of them, so that nobody writes a file that nobody gets.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        is_left = False

        async def send_head(message: Message) -> None:
            nonlocal is_left
            if message["type"] != "http.response.body":
                await send(message)
            elif is_left:
                await asyncio.sleep(0)
            else:
                await send({"type": "http.response.body", "body": b""})
                is_left = message.get("more_body", False)
                if is_left:
                    answering.cancel()
                    await asyncio.sleep(0)

        asked = {**scope, "method": "GET"}
        answering = asyncio.ensure_future(self._app(asked, receive, send_head))
        try:
            await answering
        except asyncio.CancelledError:
            if not is_left:
                raise
        finally:
            scope.update(asked, method="HEAD")
