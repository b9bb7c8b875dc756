"""Ports for what is about to be started."""

import socket

import pytest

from services.local import ports
from services.local.ports import free_port


def test_a_process_is_given_no_port_twice() -> None:
    given = [free_port() for _ in range(50)]
    assert len(set(given)) == 50


def test_no_port_is_given_that_an_outgoing_connection_may_take_first() -> None:
    first_lent_by_linux = 32_768
    assert all(free_port() < first_lent_by_linux for _ in range(50))


def test_a_taken_port_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        taken = listener.getsockname()[1]
        monkeypatch.setattr(ports, "_RANGE", range(taken, taken + 1))
        with pytest.raises(OSError, match=f"No port from {taken} to {taken} of 127.0.0.1 is free"):
            free_port()
