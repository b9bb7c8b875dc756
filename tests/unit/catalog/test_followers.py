"""Readers who follow changes: their places, and the streams that become one."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from services.catalog.portal.changes import MOST, Followers, events, named
from services.kernel.errors import Unavailable


def test_places_are_counted_and_given_back() -> None:
    followers = Followers()
    with contextlib.ExitStack() as taken:
        for _ in range(MOST // 2):
            taken.enter_context(followers.places(2))
        with pytest.raises(Unavailable), followers.places(1):
            pass
    with followers.places(MOST):
        pass


async def test_events_keep_what_they_tell_and_get_their_streams_name() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for part in (b"event: ready\nid: 1\nda", b'ta: {}\n\nid: 2\ndata: {"id": "a: b"}\n\nid: 3\n', b"\n", b"id: 4"):
            yield part

    assert [named(event, "fukui") async for event in events(parts())] == [
        b"event: ready fukui\ndata: {}\n\n",
        b'event: message fukui\ndata: {"id": "a: b"}\n\n',
        b":\n\n",
    ]
