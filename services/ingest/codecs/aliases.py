"""What the births of Sparkplug B's nodes and devices tell of their metrics; and metrics as measures.

Topic: `spBv1.0/<group>/<type>/<node>[/<device>]`, type NBIRTH, NDATA, NDEATH, DBIRTH, DDATA, DDEATH. After the birth a
metric may come by its alias, and without its datatype.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.ingest.codecs.sparkplug import Metric, Payload
from services.ingest.codecs.sparkplug_values import DatatypeUnknown
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.refusal import MeasureRefused, Reason

BIRTHS: Final = frozenset({"NBIRTH", "DBIRTH"})
DEATHS: Final = frozenset({"NDEATH", "DDEATH"})
DATA: Final = frozenset({"NDATA", "DDATA"})
ONLINE: Final = "online"
_MOST_SENDERS: Final = 10_000
_SESSION: Final = "bdSeq"
_INT64: Final = 4
_CONTROL: Final = ("Node Control/", "Device Control/", _SESSION)
_OTHER: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class _Birth:
    """The names of a sender's aliases, the datatypes of its metrics by name, and the number of its session."""

    names: Mapping[int, str] = field(default_factory=dict)
    datatypes: Mapping[str, int] = field(default_factory=dict)
    session: Any = None


class AliasBook:
    """The births of each sender. One whose birth was not heard has to be asked for it again."""

    def __init__(self) -> None:
        self._births: OrderedDict[tuple[str, str], _Birth] = OrderedDict()

    def read(self, kind: str, sender: tuple[str, str], payload: Payload) -> list[dict[str, Any]]:
        """Return the measures in a payload, one for each time.

        Raises MeasureRefused, for an alias and for a number's sign that only the birth tells too.
        """
        if kind in BIRTHS:
            self._births[sender] = _birth_of(payload)
            self._births.move_to_end(sender)
            while len(self._births) > _MOST_SENDERS:
                self._births.popitem(last=False)
        birth = self._births.get(sender, _Birth())
        if kind in DEATHS:
            is_of_before = None not in (birth.session, session := _session_of(payload)) and session != birth.session
            return [] if is_of_before else [{ONLINE: False, **_time(payload.timestamp_ms)}]
        measures: dict[int | None, dict[str, Any]] = {}
        for name, metric, at in _named(payload.metrics, birth, payload.timestamp_ms):
            value = _value(name, metric, birth)
            if value is not None and not name.startswith(_CONTROL):
                measures.setdefault(at, {**_time(at)})[_key(name)] = value
        if kind in BIRTHS:
            at = payload.timestamp_ms
            measures.setdefault(at, {**_time(at)})[ONLINE] = True
        return [measures[at] for at in sorted(measures, key=lambda at: at or 0)]

    def devices_of(self, node: tuple[str, str]) -> list[str]:
        """Return the ids of a node's devices whose births were heard: what a node's death is told of, too."""
        group, name = node
        return [device for apikey, device in self._births if apikey == group and device.startswith(f"{name}/")]


def _birth_of(payload: Payload) -> _Birth:
    names = {each.alias: each.name for each in payload.metrics if each.alias is not None and each.name}
    told = _named([each for each in payload.metrics if each.name], _Birth(), None)
    datatypes = {name: metric.datatype for name, metric, _ in told if metric.datatype}
    return _Birth(names, datatypes, _session_of(payload))


def _session_of(payload: Payload) -> Any:
    """Return the number that a node's birth and the death of the same session share, None where it has none."""
    return next((each.value(_INT64) for each in payload.metrics if each.name == _SESSION), None)


def _named(metrics: Iterable[Metric], birth: _Birth, told_at: int | None) -> Iterator[tuple[str, Metric, int | None]]:
    """Yield metrics with their names and times; those of a template are named `<template>/<metric>`."""
    for metric in metrics:
        name = metric.name or birth.names.get(-1 if metric.alias is None else metric.alias)
        if name is None:
            raise MeasureRefused(Reason.UNKNOWN_ALIAS, f"The birth with alias {metric.alias} was not heard")
        at = metric.timestamp_ms if metric.timestamp_ms is not None else told_at
        yield name, metric, at
        for inner, part, part_at in _named([each for each in metric.parts if each.name], _Birth(), at):
            yield f"{name}/{inner}", part, part_at


def _value(name: str, metric: Metric, birth: _Birth) -> Any:
    try:
        return metric.value(birth.datatypes.get(name))
    except DatatypeUnknown as error:
        raise MeasureRefused(Reason.UNKNOWN_ALIAS, f"The birth with {name:.80} was not heard: {error}") from error


def _time(milliseconds: int | None) -> dict[str, Any]:
    return {} if milliseconds is None else {TIME_NAME: milliseconds}


def _key(name: str) -> str:
    """Return a metric's name as a key: what cannot be in an attribute's name becomes `_`."""
    return _OTHER.sub("_", name).strip("_") or "_"
