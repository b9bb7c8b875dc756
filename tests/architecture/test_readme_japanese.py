"""The Japanese README tours the hub with the same commands as the English one, which CI runs."""

from services.local.tour import read_tour
from tests.architecture.tree import ROOT


def test_both_readmes_tour_with_the_same_commands() -> None:
    english = read_tour((ROOT / "README.md").read_text(encoding="utf-8"))
    japanese = read_tour((ROOT / "README.ja.md").read_text(encoding="utf-8"), "ツアー")
    assert [(step.command, step.expected) for step in japanese] == [(step.command, step.expected) for step in english]
