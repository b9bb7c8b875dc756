"""The seal on private keys, and the file of its secret."""

import stat
import threading
from pathlib import Path

import pytest

from services.kernel.seal import Seal, SealBroken, read_seal

SECRET = "a secret of more than 32 characters"


def test_a_sealed_text_comes_back() -> None:
    sealed = Seal(SECRET).close("鍵")
    assert Seal(SECRET).open(sealed) == "鍵"


def test_the_same_text_is_sealed_differently_each_time_and_not_readable() -> None:
    seal = Seal(SECRET)
    assert seal.close("private") != seal.close("private")
    assert "private" not in seal.close("private")


def test_another_secret_does_not_open_the_seal() -> None:
    with pytest.raises(SealBroken):
        Seal(SECRET + "x").open(Seal(SECRET).close("key"))


@pytest.mark.parametrize("place", range(5))
def test_a_changed_part_breaks_the_seal(place: int) -> None:
    parts = Seal(SECRET).close("key to keep").split(".")
    parts[place] = ("A" if not parts[place].startswith("A") else "B") + parts[place][1:]
    with pytest.raises(SealBroken):
        Seal(SECRET).open(".".join(parts))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "....", "\ud800"])
def test_what_was_never_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(SealBroken):
        Seal(SECRET).open(text)


def test_a_generated_secret_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "key"
    sealed = read_seal("", file).close("key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_seal("", file).open(sealed) == "key"
    assert [entry.name for entry in file.parent.iterdir()] == ["key"]


def test_a_given_secret_needs_no_file(tmp_path: Path) -> None:
    sealed = read_seal(SECRET, tmp_path / "key").close("key")
    assert Seal(SECRET).open(sealed) == "key"
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    seals: list[Seal] = []
    threads = [threading.Thread(target=lambda: seals.append(read_seal("", tmp_path / "key"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seals) == 8
    assert {seal.open(seals[0].close("key")) for seal in seals} == {"key"}
