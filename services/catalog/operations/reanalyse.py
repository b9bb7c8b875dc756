"""Making data sets findable anew, where rules or the publisher's titles have changed since they were written."""

import asyncio
import logging

from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.session import writing
from services.catalog.store.stale import rewrite_stale
from services.kernel.errors import HubError

INTERVAL_S = 60.0
_AT_ONCE = 200
_log = logging.getLogger("hiroba.catalog.search")


async def reanalyse(catalogue: Catalogue) -> int:
    """Rewrite the search columns of all data sets that need it, a batch in a transaction; return how many."""
    rewritten = 0
    while True:
        async with writing(catalogue.engine) as connection:
            done = await rewrite_stale(connection, _AT_ONCE)
        rewritten += done
        if done < _AT_ONCE:
            return rewritten


async def keep_findable(catalogue: Catalogue) -> None:
    """Look for such data sets once a minute, until cancelled."""
    while True:
        try:
            rewritten = await reanalyse(catalogue)
        except HubError as error:
            _log.info("Data sets cannot be made findable now", extra={"reason": error.detail})
        else:
            if rewritten:
                _log.info("Data sets are findable by their publishers' titles of now", extra={"datasets": rewritten})
        await asyncio.sleep(INTERVAL_S)
