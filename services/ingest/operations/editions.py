"""Documents that replace each other: an older one is not written over a newer, and what no longer holds is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.ingest.feeds.feed import Destination, Edition, Entity, Record, Refused
from services.ingest.operations.writing import Item
from services.ingest.store.series import SeriesStore

_SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Records as they may be written, and the entities that are closed after them."""

    records: Sequence[Record]
    closing: Sequence[Item] = ()
    closes: Sequence[Edition] = field(default=())


class Editions:
    """Holds records against the newest edition of their series."""

    def __init__(self, store: SeriesStore) -> None:
        self._store = store

    async def admit(self, destination: Destination, records: Sequence[Record]) -> Admitted:
        """Refuse records of an older edition; return what is to be closed when the last has come. Raises Unavailable.

        Records without an edition stay as they are.
        """
        parts: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            if record.edition is not None:
                parts.setdefault((record.edition.series, record.edition.version), []).append(record)
        refused: set[int] = set()
        closing: list[Item] = []
        closes: list[Edition] = []
        for part in parts.values():
            edition = _last(part)
            named = {
                str(each.entity["id"]): str(each.entity["type"])
                for each in part
                if each.entity is not None and each.entity["type"] in edition.closing
            }
            admission = await self._store.admit(destination, edition, named)
            if not admission.is_admitted:
                refused |= {id(each) for each in part}
            elif edition.is_last:
                closing += [_closing(destination, edition, *each) for each in sorted(admission.former.items())]
                closes.append(edition)
        return Admitted([_superseded(each) if id(each) in refused else each for each in records], closing, closes)

    async def note_closed(self, destination: Destination, admitted: Admitted) -> None:
        """Note that the closing entities are written. Raises Unavailable."""
        for edition in admitted.closes:
            await self._store.note_closed(destination, edition)


def _last(records: Sequence[Record]) -> Edition:
    editions = [each.edition for each in records if each.edition is not None]
    return next((each for each in editions if each.is_last), editions[0])


def _superseded(record: Record) -> Record:
    if record.refusal is not None or record.entity is None:
        return record
    cells = record.cells or {"id": str(record.entity["id"])}
    words = "A newer document about the same has been written"
    return replace(record, entity=None, refusal=Refused(_SUPERSEDED, words), repairs=(), cells=cells)


def _closing(destination: Destination, edition: Edition, identifier: str, kind: str) -> Item:
    entity: Entity = {"id": identifier, "type": kind, **edition.closing[kind]}
    return Item(destination.tenant, destination.path, entity)
