"""One call of a client: Authlib's synchronous classes on the event loop, in one transaction.

Authlib's server is synchronous: its hooks return what they find. They run in a greenlet, as SQLAlchemy's own classes do
under its asyncio extension, and `wait` lets the event loop go on until what they ask for is there. So there is one
driver, no thread, and all hooks of one call act in the same transaction.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cached_property
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only, greenlet_spawn

from services.auth.operations.auth import Auth
from services.auth.store.database import transaction

T = TypeVar("T")


def wait(awaitable: Awaitable[T]) -> T:
    """Return what comes of something asynchronous. Only in what `make` runs."""
    return await_only(awaitable)


class Call:
    """A call of a client: when it came, and the transaction that begins with the first look at `connection`.

    Who calls is known before that: neither the hash of a secret nor keys at another address hold a connection.
    """

    def __init__(self, auth: Auth, stack: AsyncExitStack) -> None:
        self.auth = auth
        self.now = auth.clock()
        self._stack = stack

    @cached_property
    def connection(self) -> AsyncConnection:
        """The transaction: committed when the call has been answered, also with a refusal."""
        wait(self.auth.keys.public_set())  # read before, so that no call with a connection waits for a second one
        return wait(self._stack.enter_async_context(transaction(self.auth.engine)))


async def make(auth: Auth, answer: Callable[[Call], T]) -> T:
    """Answer a call; an exception takes back what was written. Raises Unavailable."""
    async with AsyncExitStack() as stack:
        return await greenlet_spawn(answer, Call(auth, stack))
