"""The background work that keeps live data sets current."""

import asyncio
import logging

from services.catalog.domain.observation import LiveTypes, Observation
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.kernel.errors import HubError
from services.kernel.postgres import translated

_AGAIN_S = 2.0
_log = logging.getLogger("hiroba.catalog.live")


async def follow(catalogue: Catalogue, types: LiveTypes) -> None:
    """Record what is observed, until cancelled; one tenant's trouble, or the database's, ends nothing.

    What could not be recorded, as of a tenant that auth has not told of yet, is tried again until it can, or until
    something newer is observed: the source tells of changes only.
    """
    unsettled: dict[str, Observation] = {}
    trying_again = asyncio.ensure_future(_try_again(catalogue, unsettled))
    try:
        async for observation in types.observations():
            await _record(catalogue, observation, unsettled)
    finally:
        trying_again.cancel()
        await asyncio.gather(trying_again, return_exceptions=True)


async def _try_again(catalogue: Catalogue, unsettled: dict[str, Observation]) -> None:
    while True:
        await asyncio.sleep(_AGAIN_S)
        for observation in list(unsettled.values()):
            await _record(catalogue, observation, unsettled)


async def _record(catalogue: Catalogue, observation: Observation, unsettled: dict[str, Observation]) -> None:
    fields: dict[str, object] = {"tenant": observation.tenant}
    try:
        with translated():
            difference = await record_observation(catalogue, observation)
    except HubError as error:
        if observation.tenant not in unsettled:
            _log.warning("An observation is not recorded yet", extra={**fields, "reason": error.detail})
        unsettled[observation.tenant] = observation
        return
    unsettled.pop(observation.tenant, None)
    if not difference.is_empty:
        fields |= {"new": len(difference.new), "changed": len(difference.changed)}
        _log.info("Live data sets are brought up to date", extra=fields)
