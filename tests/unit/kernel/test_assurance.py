"""Levels of assurance: compared, written as acr, asked for in a challenge."""

import pytest

from services.auth.domain.assurance import aal_of
from services.kernel.identity.assurance import (
    ACR_VALUES,
    Assurance,
    InsufficientAssurance,
    read_acr,
    read_acr_values,
    require_assurance,
)


def test_every_pair_of_levels_is_one_acr_and_back() -> None:
    assert len(set(ACR_VALUES)) == 16
    assert [read_acr(text).acr for text in ACR_VALUES if (read_acr(text))] == list(ACR_VALUES)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "urn:hiroba:acr:ial4:aal1", "urn:hiroba:acr:ial1", "URN:hiroba:acr:ial1:aal1"])
def test_an_acr_of_others_stands_for_nothing(text: str) -> None:
    assert read_acr(text) is None


def test_the_first_acr_value_that_is_known_is_taken() -> None:
    assert read_acr_values("phr urn:hiroba:acr:ial1:aal2 urn:hiroba:acr:ial3:aal3") == Assurance(1, 2)
    assert read_acr_values("phr") is None


def test_both_levels_must_be_reached() -> None:
    assert Assurance(2, 2).satisfies(Assurance(1, 2))
    assert not Assurance(3, 1).satisfies(Assurance(1, 2))
    assert not Assurance(0, 3).satisfies(Assurance(1, 2))


def test_who_is_short_of_a_level_is_told_which_acr_to_ask_for() -> None:
    with pytest.raises(InsufficientAssurance) as refused:
        require_assurance(Assurance(1, 1), [Assurance(0, 2), Assurance(2, 1)], 'Type "住民"')
    assert refused.value.wanted == Assurance(2, 2)
    assert refused.value.challenge == (
        'Bearer realm="hiroba", error="insufficient_user_authentication", error_description="Type \'??\' asks for IAL 2'
        ' and AAL 2; the caller has IAL 1 and AAL 1", acr_values="urn:hiroba:acr:ial2:aal2"'
    )
    require_assurance(Assurance(2, 2), [Assurance(0, 2), Assurance(2, 1)], "Type")


def test_two_factors_are_worth_more_than_one() -> None:
    assert [aal_of(methods) for methods in ([], ["pwd"], ["pwd", "otp"], ["swk"], ["hwk"], ["mfa", "pwd"])] == [
        0, 1, 2, 2, 3, 2,
    ]  # fmt: skip
