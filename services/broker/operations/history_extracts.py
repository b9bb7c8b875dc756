"""Reading what was recorded of all entities of a type, page by page, as far as the caller may see it."""

import tempfile
from collections.abc import AsyncIterator
from typing import Final

from services.broker.operations.broker import Broker
from services.broker.operations.extracts import TypeTable
from services.broker.store import exports
from services.broker.store import history_extracts as store
from services.broker.store.exports import Extract
from services.broker.store.history_extracts import HistoryExtract
from services.kernel.postgres import session

_PAGE: Final = 200
_IN_MEMORY: Final = 4 * 1024 * 1024
_PART: Final = 512 * 1024


async def histories(broker: Broker, table: TypeTable, wanted: HistoryExtract) -> AsyncIterator[bytes]:
    """Yield lines of CSV of what was recorded of the living entities of a type.

    A page lies in a temporary file while it is sent, so that no connection waits for a slow reader.
    """
    for is_several in (False, True):
        extract, start = Extract(table.tenant_id, table.type, broker.view, is_several, wanted.uri), 0
        while True:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as page:

                async def take(part: bytes, page: tempfile.SpooledTemporaryFile[bytes] = page) -> None:
                    page.write(part)

                async with broker.export_turns, session(broker.query_pool) as connection:
                    end = await exports.end_of_page(connection, extract, start, _PAGE)
                    if end is None:
                        break
                    told = await store.told_of(connection, extract, start, end)
                    await store.copy_history(connection, table.tenant_id, told, wanted, take)
                page.seek(0)
                while part := page.read(_PART):
                    yield part
                start = end


def readable_attributes(broker: Broker, table: TypeTable) -> list[str]:
    """Return the attributes whose records the caller may see: those that every part of its view shows.

    Those among them that take persons' consent, only of entities whose person has given it.
    """
    view = broker.view
    if view is not None and view.asks_consent:
        view = view.before_consent
    return [name for name in sorted(table.kinds) if view is None or view.hidden((name,)) is None]
