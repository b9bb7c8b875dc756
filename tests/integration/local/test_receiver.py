"""The demo's receiver over real HTTP."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from services.local.demo.receiver import Receiver
from tests.unit.local.test_notices import notification


@pytest.fixture
def address() -> Iterator[str]:
    receiver = Receiver(0)
    thread = threading.Thread(target=receiver.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{receiver.server_port}"
    receiver.shutdown()
    receiver.server_close()
    thread.join(10)


def test_a_notification_is_printed_and_shown(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert httpx.post(f"{address}/notify", content=notification()).status_code == 204
    shown = httpx.get(f"{address}/notifications").json()
    assert shown["received"] == 1
    assert shown["changes"][0]["river"] == "足羽川"
    assert shown["changes"][0]["alert_level"] == 2
    assert capsys.readouterr().out == "2023-07-13 07:20  足羽川 九十九橋  4.90 m  alertLevel 0 -> 2 はん濫注意\n"


def test_the_newest_are_shown_first_up_to_a_limit(address: str) -> None:
    for level in (1, 2, 3):
        httpx.post(f"{address}/notify", content=notification(value=level))
    shown = httpx.get(f"{address}/notifications", params={"limit": 2}).json()
    assert [each["alert_level"] for each in shown["changes"]] == [3, 2]


def test_what_is_no_notification_is_refused(address: str) -> None:
    assert httpx.post(f"{address}/notify", content=b"no JSON").status_code == 400
    assert httpx.get(f"{address}/notifications").json()["received"] == 0


def test_another_page_is_not_found(address: str) -> None:
    assert httpx.get(f"{address}/").status_code == 404
