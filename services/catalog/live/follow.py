"""The background work that keeps live data sets current."""

import logging

from services.catalog.domain.observation import LiveTypes
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.kernel.errors import HubError

_log = logging.getLogger("hiroba.catalog.live")


async def follow(catalogue: Catalogue, types: LiveTypes) -> None:
    """Record what is observed, until cancelled; one tenant's trouble, or the database's, ends nothing."""
    async for observation in types.observations():
        try:
            difference = await record_observation(catalogue, observation)
        except HubError as error:
            _log.warning("An observation is not recorded", extra={"tenant": observation.tenant, "reason": error.detail})
            continue
        if not difference.is_empty:
            fields = {"tenant": observation.tenant, "new": len(difference.new), "changed": len(difference.changed)}
            _log.info("Live data sets are brought up to date", extra=fields)
