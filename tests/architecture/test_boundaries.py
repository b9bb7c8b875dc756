"""Who may import whom: the contracts of import-linter hold."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT, files


def test_the_import_contracts_hold() -> None:
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert linter is not None
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_importing_a_service_has_no_effects() -> None:
    script = (
        "import os, socket, threading\n"
        "before = set(os.environ)\n"
        "socket.socket.connect = None\n"
        "import services.auth.main, services.broker.main, services.catalog.main, services.ingest.main\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert set(os.environ) == before\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_services_call_one_another_by_the_clients_of_the_kernel() -> None:
    others = files(".py", below=ROOT / "services")
    made = [each.name for each in others if "httpx.AsyncClient(" in each.read_text(encoding="utf-8")]
    assert made == ["http_client.py"]
