"""Every setting stands in the reference, as the settings classes have it."""

import re

from services.local.settings_table import known_variables, settings_page
from tests.architecture.tree import ROOT, files, place

VARIABLE = re.compile(r"HIROBA_[A-Z][A-Z_]*[A-Z]\b")
OF_THE_TESTS = {"HIROBA_CI", "HIROBA_TEST_DATABASE_URL", "HIROBA_TEST_FILIP", "HIROBA_TEST_NGSIJS"}


def test_the_settings_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "scripts/settings-table writes it anew"


def test_every_setting_says_what_it_tells() -> None:
    assert "| None |" not in settings_page()


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = known_variables() | OF_THE_TESTS
    unknown = {
        f"{place(file)}: {name}"
        for file in files(".md", ".yml", ".example", "Dockerfile")
        for name in VARIABLE.findall(file.read_text(encoding="utf-8"))
        if name not in known
    }
    assert unknown == set()
