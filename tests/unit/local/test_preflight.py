"""Before anything starts: each fault is told in one line."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.ports import free_port
from services.local.preflight import NotReady, check_database, check_directory, check_mqtt, check_ports


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_told_with_its_setting(taken_port: int) -> None:
    with pytest.raises(NotReady, match=f"Port {taken_port} is taken: .* HIROBA_BROKER_PORT$"):
        check_ports("127.0.0.1", [("HIROBA_BROKER_PORT", taken_port)])


def test_a_port_wanted_twice_is_told() -> None:
    port = free_port()
    with pytest.raises(NotReady, match="HIROBA_BROKER_PORT and HIROBA_AUTH_PORT are both"):
        check_ports("127.0.0.1", [("HIROBA_BROKER_PORT", port), ("HIROBA_AUTH_PORT", port)])


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(NotReady, match=r"192\.0\.2\.1 cannot be used"):
        check_ports("192.0.2.1", [("HIROBA_BROKER_PORT", free_port())])


def test_free_ports_pass() -> None:
    check_ports("127.0.0.1", [("HIROBA_BROKER_PORT", free_port())])


def test_a_data_directory_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotReady, match=r"The data directory .* cannot be created: Not a directory"):
        check_directory(tmp_path / "file" / "data")


def test_a_data_directory_that_cannot_be_written_is_told() -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom services.local.preflight import NotReady, check_directory\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: check_directory(Path(sys.argv[1]))\nexcept NotReady as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script, "/"], capture_output=True, text=True, check=True)
    assert done.stdout == "The data directory / cannot be written: set HIROBA_DATA_DIR to one that can\n"


def test_an_unreachable_database_is_told_in_one_line_without_its_password() -> None:
    with pytest.raises(NotReady) as refusal:
        check_database(f"postgresql://owner:secret@127.0.0.1:{free_port()}/hiroba")
    assert "cannot be reached" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_url_that_names_no_database_is_told() -> None:
    with pytest.raises(NotReady, match="cannot be reached"):
        check_database("http://127.0.0.1/")


def test_an_unreachable_mqtt_broker_is_told() -> None:
    port = free_port()
    with pytest.raises(NotReady, match=f"127.0.0.1:{port} cannot be reached: Connection refused"):
        check_mqtt(f"mqtt://user:secret@127.0.0.1:{port}")


def test_an_mqtt_url_of_another_kind_is_told() -> None:
    with pytest.raises(NotReady, match="must be like mqtt://"):
        check_mqtt("127.0.0.1:1883")
