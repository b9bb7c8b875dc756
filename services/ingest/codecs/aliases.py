"""What the aliases of Sparkplug B's metrics stand for, as each node's birth tells; and metrics as measures.

Topic: `spBv1.0/<group>/<type>/<node>[/<device>]`, type NBIRTH, NDATA, NDEATH, DBIRTH, DDATA, DDEATH.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from services.ingest.codecs.sparkplug import Metric, Payload
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

BIRTHS: Final = frozenset({"NBIRTH", "DBIRTH"})
DEATHS: Final = frozenset({"NDEATH", "DDEATH"})
DATA: Final = frozenset({"NDATA", "DDATA"})
ONLINE: Final = "online"
_MOST_SENDERS: Final = 10_000
_CONTROL: Final = ("Node Control/", "Device Control/", "bdSeq")
_OTHER: Final = re.compile(r"[^\w.-]+")


class AliasBook:
    """The aliases of each sender. A sender whose birth was not heard has to be asked for it again."""

    def __init__(self) -> None:
        self._books: OrderedDict[tuple[str, str], Mapping[int, str]] = OrderedDict()

    def read(self, kind: str, sender: tuple[str, str], payload: Payload) -> list[dict[str, Any]]:
        """Return the measures in a payload, one for each time. Raises MeasureRefused for an alias that is unknown."""
        if kind in BIRTHS:
            book = {each.alias: each.name for each in payload.metrics if each.alias is not None and each.name}
            self._books[sender] = book
            self._books.move_to_end(sender)
            while len(self._books) > _MOST_SENDERS:
                self._books.popitem(last=False)
        if kind in DEATHS:
            return [{ONLINE: False, **_time(payload.timestamp_ms)}]
        measures: dict[int | None, dict[str, Any]] = {}
        for metric in payload.metrics:
            name = self._name(sender, metric)
            if metric.value is not None and not name.startswith(_CONTROL):
                at = metric.timestamp_ms if metric.timestamp_ms is not None else payload.timestamp_ms
                measures.setdefault(at, {**_time(at)})[_key(name)] = _shown(metric.value)
        if kind in BIRTHS:
            at = payload.timestamp_ms
            measures.setdefault(at, {**_time(at)})[ONLINE] = True
        return [measures[at] for at in sorted(measures, key=lambda at: at or 0)]

    def _name(self, sender: tuple[str, str], metric: Metric) -> str:
        if metric.name:
            return metric.name
        name = self._books.get(sender, {}).get(metric.alias) if metric.alias is not None else None
        if name is None:
            raise MeasureRefused(Reason.UNKNOWN_ALIAS, f"The birth with alias {metric.alias} was not heard")
        return name


def _time(milliseconds: int | None) -> dict[str, Any]:
    return {} if milliseconds is None else {TIME_NAME: milliseconds}


def _key(name: str) -> str:
    """Return a metric's name as a key: what cannot be in an attribute's name becomes `_`."""
    return _OTHER.sub("_", name).strip("_") or "_"


def _shown(value: Any) -> Any:
    return value["ms"] if isinstance(value, dict) else value
