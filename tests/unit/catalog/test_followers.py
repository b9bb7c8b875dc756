"""Places for readers who follow changes."""

import contextlib

import pytest

from services.catalog.portal.changes import MOST, Followers
from services.kernel.errors import Unavailable


def test_places_are_counted_and_given_back() -> None:
    followers = Followers()
    with contextlib.ExitStack() as taken:
        for _ in range(MOST):
            taken.enter_context(followers.place())
        with pytest.raises(Unavailable), followers.place():
            pass
    with followers.place():
        pass
