"""Which tokens have ended: by their subject, client, identifier, or by what a person allowed."""

import pytest

from services.kernel.identity import Principal, Revisions

TOKEN = Principal("u-1", "c-app", (), revision=5, token_id="jti-1", authorization_id="aid-1")


@pytest.mark.parametrize("name", ["u-1", "c-app", "jti-1", "aid-1"])
def test_a_token_ends_with_whatever_it_stands_on(name: str) -> None:
    revisions = Revisions()
    assert not revisions.is_outdated(TOKEN)
    revisions.take({name: 5, "somebody-else": 9})
    assert not revisions.is_outdated(TOKEN)
    revisions.take({name: 6})
    assert revisions.is_outdated(TOKEN)


def test_a_token_that_names_nothing_ends_with_nothing_that_is_nameless() -> None:
    revisions = Revisions()
    revisions.take({"": 9})
    assert not revisions.is_outdated(Principal("c-1", "c-1", (), revision=None))
