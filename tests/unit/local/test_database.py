"""Database roles: passwords that are generated once, private files, connection URLs."""

import stat
from pathlib import Path

import pytest

from services.local.database import role_passwords, role_url, write_private


def test_passwords_are_generated_once_and_kept_private(tmp_path: Path) -> None:
    first = role_passwords(tmp_path, ["auth", "broker"])
    assert first["auth"] != first["broker"]
    assert role_passwords(tmp_path, ["auth", "broker"]) == first
    assert stat.S_IMODE((tmp_path / "roles.json").stat().st_mode) == 0o600


def test_a_service_that_is_new_gets_a_password_beside_the_old(tmp_path: Path) -> None:
    first = role_passwords(tmp_path, ["auth"])
    assert role_passwords(tmp_path, ["auth", "portal"])["auth"] == first["auth"]


def test_a_given_password_goes_before_a_generated_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIROBA_AUTH_DATABASE_PASSWORD", "given")
    assert role_passwords(tmp_path, ["auth"]) == {"auth": "given"}
    assert not (tmp_path / "roles.json").exists()


def test_a_private_file_replaces_a_public_one(tmp_path: Path) -> None:
    file = tmp_path / "roles.json"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["roles.json"]


def test_a_role_gets_its_own_url() -> None:
    url = role_url("postgresql://postgres:p@127.0.0.1:5432/hiroba?sslmode=disable", "broker", "a/b@c")
    assert url == "postgresql://hiroba_broker:a%2Fb%40c@127.0.0.1:5432/hiroba?sslmode=disable"
