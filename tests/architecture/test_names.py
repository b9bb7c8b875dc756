"""Names say what a thing is: nouns of the domain, no drawers for odds and ends."""

import re

import pytest

from tests.architecture.tree import definitions, files, place

pytestmark = pytest.mark.xdist_group("definitions")
DRAWERS = re.compile(r"(utils?|helpers?|misc|common|managers?)\Z")
EMPTY_CLASS_WORDS = re.compile(r"(Manager|Helper|Utils?)\Z")
EMPTY_VERBS = re.compile(r"\A_?(process|handle)_")
HOOKS = {"process_assertion_claims", "handle_response", "handle_error_response"}  # Authlib calls them so


def test_no_file_is_a_drawer() -> None:
    assert [place(file) for file in files(".py") if DRAWERS.match(file.stem) or DRAWERS.match(file.parent.name)] == []


def test_no_class_or_function_has_an_empty_name() -> None:
    names = [each for each in definitions() if each.name not in HOOKS]
    empty = [each for each in names if (EMPTY_CLASS_WORDS if each.is_class else EMPTY_VERBS).search(each.name)]
    assert [place(each.file, each.line) for each in empty] == []


def test_every_test_directory_is_a_package() -> None:
    directories = {file.parent for file in files(".py") if file.name.startswith("test_")}
    assert [place(directory) for directory in sorted(directories) if not (directory / "__init__.py").exists()] == []
