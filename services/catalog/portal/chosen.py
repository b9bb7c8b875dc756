"""Which live data sets a map shows: as its address names them."""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from services.catalog.domain.audience import Audience
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.live_file import LiveFile, find_live
from services.catalog.portal.layers import SYMBOLS
from services.kernel.errors import NotFound

PARAMETER = "dataset"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The data sets of a map, and the names of those that there is no place for or that are not to be seen."""

    found: tuple[LiveFile, ...]
    left_over: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


async def chosen_layers(catalogue: Catalogue, audience: Audience, parameters: QueryParams) -> Chosen:
    """Find the data sets that the parameters `dataset` name: as many as there are symbols, in their order."""
    wanted = list(dict.fromkeys(name for name in parameters.getlist(PARAMETER) if name))
    most = len(SYMBOLS)

    async def find(name: str) -> LiveFile | None:
        try:
            return await find_live(catalogue, audience, name)
        except NotFound:
            return None

    found = await asyncio.gather(*(find(name) for name in wanted[:most]))
    unknown = tuple(name for name, each in zip(wanted, found, strict=False) if each is None)
    return Chosen(tuple(each for each in found if each is not None), tuple(wanted[most:]), unknown)
