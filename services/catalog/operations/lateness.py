"""Tell the context broker which data sets are late, by an entity for each, and when they are late no more."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from services.catalog.domain.dataset import Dataset, State
from services.catalog.domain.freshness_entity import Freshness, freshness_entity
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.rounds import run_rounds
from services.catalog.store.find import read_in_order
from services.catalog.store.lateness import Untold, find_untold, note_told
from services.catalog.store.session import reading, writing
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

_AT_ONCE: Final = 200
_TIMEOUT_S: Final = 60
_UPSERT: Final = "/ngsi-ld/v1/entityOperations/upsert?options=update"
_log = logging.getLogger("hiroba.catalog.lateness")


@dataclass(frozen=True, slots=True)
class LatenessRounds:
    """Writes entities of data sets that became late or were renewed, every `interval_s`; one replica at a time."""

    catalogue: Catalogue
    broker: httpx.AsyncClient
    credentials: ServiceCredentials
    interval_s: float

    async def run(self) -> None:
        """Tell until cancelled."""
        await run_rounds(self.catalogue.engine, "lateness", self.interval_s, self.round)

    async def round(self) -> None:
        """Tell all that is untold; what the broker refuses is logged and left. Raises Unavailable."""
        refused: set[object] = set()
        while True:
            async with reading(self.catalogue.engine) as connection:
                untold = await find_untold(connection, self.catalogue.clock(), _AT_ONCE + len(refused))
                wanted = [each for each in untold if each.dataset_id not in refused]
                found = await read_in_order(connection, [each.dataset_id for each in wanted])
            if not wanted:
                return
            known = {each.dataset_id: each for each in found}
            told = []
            for tenant, items in _by_tenant(wanted).items():
                entities = {each: self._entity(each, known.get(each.dataset_id)) for each in items}
                failed = await self._write(tenant, list(entities.values()))
                told += [each for each, entity in entities.items() if entity["id"] not in failed]
            refused |= {each.dataset_id for each in wanted} - {each.dataset_id for each in told}
            async with writing(self.catalogue.engine) as connection:
                await note_told(connection, told)

    def _entity(self, untold: Untold, known: Dataset | None) -> dict[str, Any]:
        shown = known if known is not None and known.state is State.PUBLISHED else None
        state = Freshness.WITHDRAWN if shown is None else Freshness.LATE if untold.due_at else Freshness.FRESH
        uri = self.catalogue.addresses.dataset(untold.dataset_id)
        return freshness_entity(untold.dataset_id, state, shown, uri)

    async def _write(self, tenant: str, entities: Sequence[Mapping[str, Any]]) -> set[str]:
        """Write entities of a tenant; return the identifiers of those that are refused. Raises Unavailable."""
        try:
            headers = {**({"NGSILD-Tenant": tenant} if tenant else {}), **await self.credentials.headers()}
            answer = await self.broker.post(_UPSERT, json=entities, headers=headers, timeout=_TIMEOUT_S)
        except httpx.TransportError as error:
            raise Unavailable("The context broker is away") from error
        match answer.status_code:
            case 201 | 204:
                return set()
            case 207:
                failed = {str(each.get("entityId")) for each in answer.json().get("errors", ())}
            case 400 | 403 | 404:
                failed = {str(each["id"]) for each in entities}
            case status:
                raise Unavailable(f"The context broker answers {status}")
        fields = {"tenant": tenant, "status": answer.status_code, "count": len(failed)}
        _log.warning("The context broker refuses entities of late data sets", extra=fields)
        return failed


def _by_tenant(untold: Iterable[Untold]) -> dict[str, list[Untold]]:
    found: dict[str, list[Untold]] = defaultdict(list)
    for each in untold:
        found[each.tenant].append(each)
    return found
