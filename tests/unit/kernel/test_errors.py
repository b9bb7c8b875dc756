"""The words in which the domain refuses, and the status each gets in the problem dialect."""

import pytest

from services.kernel import errors
from services.kernel.problems import STATUS, status_of


def _kinds(root: type[errors.HubError]) -> list[type[errors.HubError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _kinds(child))]


OWN = [kind for kind in _kinds(errors.HubError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OWN)
def test_an_error_without_words_says_its_class_docstring(kind: type[errors.HubError]) -> None:
    error = kind()
    assert error.detail == (kind.__doc__ or "").strip()
    assert str(error) == error.detail
    assert error.detail[0].isupper()
    assert not error.detail.endswith(".")


def test_an_error_carries_its_field_and_more() -> None:
    error = errors.BadData("kind must be known", field="kind", known=["a"])
    assert (error.detail, error.field, error.more) == ("kind must be known", "kind", {"known": ["a"]})


def test_only_what_is_nobodys_fault_is_a_server_error() -> None:
    server_side = {kind.__name__ for kind in OWN if status_of(kind()) >= 500}
    assert server_side == {"HubError", "NotSupported", "Unavailable"}


def test_a_class_without_a_status_of_its_own_gets_its_parents() -> None:
    assert errors.UnknownTenant not in STATUS
    assert status_of(errors.UnknownTenant()) == 404
    assert status_of(errors.Ambiguous()) == 409
