"""The demo's receiver of notifications: prints each in a line, and shows the last ones at `/notifications`."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from services.local.demo.notices import Board, NotANotification, read_notices
from services.local.screen import say

LARGEST_BODY = 10 * 1024 * 1024


def create_receiver(port: int, board: Board | None = None) -> ThreadingHTTPServer:
    """Open the receiver on loopback; `serve_forever` of the result runs it. Raises OSError for a taken port."""
    kept = board or Board()

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            if length > LARGEST_BODY:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"")
                return
            try:
                for notice in read_notices(self.rfile.read(length)):
                    kept.add(notice)
                    say(notice.line())
            except NotANotification:
                self._answer(HTTPStatus.BAD_REQUEST, b"")
                return
            self._answer(HTTPStatus.NO_CONTENT, b"")

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != "/notifications":
                self._answer(HTTPStatus.NOT_FOUND, b'{"title": "Not Found"}')
                return
            limit = parse_qs(parts.query).get("limit", ["20"])[0]
            self._answer(HTTPStatus.OK, kept.to_json(int(limit) if limit.isdigit() else 20))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            """Write no access log: the notices are the output."""

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            if status != HTTPStatus.NO_CONTENT:
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)
