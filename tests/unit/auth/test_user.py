"""Users: logins, passwords, lock-out; and what roles grant."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.role import ROLES, Binding
from services.auth.domain.user import User, read_login, read_password
from services.kernel.errors import BadData

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def test_the_fifth_wrong_password_in_a_row_locks_and_each_further_one_for_twice_as_long() -> None:
    user = User("u", "yamada")
    locks = []
    for _ in range(12):
        user = user.failed(NOW)
        locks.append(None if user.locked_until is None else user.locked_until - NOW)
    minutes = [timedelta(minutes=2**power) for power in range(6)]
    assert locks == [None] * 4 + [*minutes, timedelta(hours=1), timedelta(hours=1)]
    assert user.is_locked(NOW)
    assert not user.is_locked(NOW + timedelta(hours=1))
    assert (user.succeeded().failures, user.succeeded().locked_until) == (0, None)


@pytest.mark.parametrize("text", ["ab", "山田", "a b c", "-yamada", "a" * 101, "ya mada", ""])
def test_a_bad_login_is_refused(text: str) -> None:
    with pytest.raises(BadData) as refusal:
        read_login(text)
    assert refusal.value.field == "login"


def test_a_login_is_folded() -> None:
    assert read_login(" Ｙamada@City.Example.JP ") == "yamada@city.example.jp"


@pytest.mark.parametrize("text", ["short", "x" * 129, "aaaaaaaaaaaa", "my-yamada-2026", "abababababab"])
def test_a_weak_password_is_refused(text: str) -> None:
    with pytest.raises(BadData) as refusal:
        read_password(text, "yamada@city.example.jp")
    assert refusal.value.field == "password"


def test_a_long_password_of_any_signs_is_taken_in_one_form() -> None:
    assert read_password("河川は今日も静かに流れます", "yamada") == "河川は今日も静かに流れます"
    assert read_password("ｃorrect horse", "yamada") == "correct horse"


def test_a_role_holds_at_its_node_and_below() -> None:
    at_node = Binding("r", "viewer", "kagawa", "a", user_id="u")
    assert (at_node.grant.tenant, at_node.grant.actions) == ("kagawa/#", ROLES["viewer"])
    assert Binding("r", "administrator", None, "a", user_id="u").grant.tenant == "*"
    assert at_node.grant.covers("read", "kagawa", "/#")
    assert not at_node.grant.covers("write", "kagawa", "/#")
    assert not at_node.grant.covers("read", "takamatsu", "/#")
