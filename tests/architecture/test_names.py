"""Names say what a thing is: nouns of the domain, no drawers for odds and ends."""

import ast
import re

from tests.architecture.tree import files, modules, place

DRAWERS = re.compile(r"(utils?|helpers?|misc|common|managers?)\Z")
EMPTY_CLASS_WORDS = re.compile(r"(Manager|Helper|Utils?)\Z")
EMPTY_VERBS = re.compile(r"_?(process|handle)_")
HOOKS = {"process_assertion_claims", "handle_response", "handle_error_response"}  # Authlib calls them so


def test_no_file_is_a_drawer() -> None:
    assert [place(file) for file in files(".py") if DRAWERS.match(file.stem) or DRAWERS.match(file.parent.name)] == []


def test_no_class_or_function_has_an_empty_name() -> None:
    found = []
    for file, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef) and EMPTY_CLASS_WORDS.search(node.name):
                found.append(place(file, node.lineno))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in HOOKS:
                found += [place(file, node.lineno)] if EMPTY_VERBS.match(node.name) else []
    assert found == []


def test_every_test_directory_is_a_package() -> None:
    directories = {file.parent for file in files(".py") if file.name.startswith("test_")}
    assert [place(directory) for directory in sorted(directories) if not (directory / "__init__.py").exists()] == []
