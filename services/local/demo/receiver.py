"""The demo's receiver of notifications: prints each change in a line, and shows the last ones at `/notifications`."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from services.local.demo.notices import Board, NotANotification, read_notices
from services.local.screen import say

LARGEST_BODY = 10 * 1024 * 1024
_SHOWN = 20


class Receiver(ThreadingHTTPServer):
    """Listens on loopback; `serve_forever` runs it. Raises OSError for a taken port."""

    def __init__(self, port: int) -> None:
        self.board = Board()
        super().__init__(("127.0.0.1", port), _Requests)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        """Take a notification."""
        length = int(self.headers.get("Content-Length", "0"))
        if length > LARGEST_BODY:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}")
            return
        try:
            for notice in read_notices(self.rfile.read(length)):
                if self.server.board.add(notice):
                    say(notice.line())
        except NotANotification as error:
            self._answer(HTTPStatus.BAD_REQUEST, b'{"title": "%s"}' % str(error).encode())
            return
        self._answer(HTTPStatus.NO_CONTENT, b"")

    def do_GET(self) -> None:
        """Show the last changes."""
        parts = urlsplit(self.path)
        if parts.path != "/notifications":
            self._answer(HTTPStatus.NOT_FOUND, b'{"title": "Not Found"}')
            return
        limit = parse_qs(parts.query).get("limit", [""])[0]
        self._answer(HTTPStatus.OK, self.server.board.to_json(int(limit) if limit.isdigit() else _SHOWN))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Write no access log: the changes are the output."""

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
