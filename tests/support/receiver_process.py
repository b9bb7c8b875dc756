"""A receiver of notifications in a process of its own, which can be killed: what came is on disk before it answers.

`python -m tests.support.receiver_process PORT FILE DELAY_S`
"""

import json
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from services.kernel.lifeline import die_with_parent
from services.local.ports import free_port


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, file: Path, delay_s: float) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.file = file.open("ab", buffering=0)
        self.delay_s = delay_s


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.file.write(body + b"\n")
        time.sleep(self.server.delay_s)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class ReceiverProcess:
    """Receives on one port, also after it was killed and started again."""

    def __init__(self, file: Path, delay_s: float = 0.0) -> None:
        self._file = file
        self._delay_s = delay_s
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/notify"
        self.start()

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "tests.support.receiver_process", str(self._port), str(self._file)]
        self._process = subprocess.Popen([*command, str(self._delay_s)], preexec_fn=die_with_parent())

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(60)

    @property
    def bodies(self) -> list[Any]:
        """The notifications that came, in order; one that was cut off by the kill is left out."""
        lines = self._file.read_bytes().split(b"\n")[:-1] if self._file.exists() else []
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    _Server(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])).serve_forever()
