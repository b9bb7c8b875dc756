"""A data map in the columns of the Digital Agency's template (データマップ V1.3), service by service, set by set."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets data: its name, how often (提供頻度), how (提供方式)."""

    name: str
    frequency: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service (サービス側): what it takes in, what it collects for itself alone and for others, and who gets that.

    `intake` is 取込データ, `internal` 取得データ(内部のみ), `external` 取得データ(外部提供可能).
    """

    key: str
    name: str
    provider: str = ""
    status: str = ""
    intake: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    receivers: tuple[Receiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where data come from: the system's name, how often and how they are fetched or sent."""

    name: str
    frequency: str = ""
    method: str = ""

    @property
    def words(self) -> str:
        """All of it in one text."""
        more = "、".join(filter(None, (self.frequency, self.method)))
        return f"{self.name}（{more}）" if more else self.name


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set (データアセット側): the unit that owns it, the systems it lies in and comes from, who gets it."""

    key: str
    name: str
    owner: str
    place: str
    receivers: tuple[Receiver, ...] = ()
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class DataMap:
    """Both views of a tenant at one instant (ISO 8601). `gaps` names what could not be asked, and why."""

    tenant: str
    title: str
    made_at: str
    services: tuple[ServiceEntry, ...] = ()
    datasets: tuple[DatasetEntry, ...] = ()
    gaps: tuple[str, ...] = field(default=())

    @property
    def document(self) -> dict[str, Any]:
        """The map as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "DataMap":
        """Read a map that `document` wrote."""
        return cls(
            document["tenant"],
            document["title"],
            document["made_at"],
            tuple(_service(each) for each in document["services"]),
            tuple(_dataset(each) for each in document["datasets"]),
            tuple(document["gaps"]),
        )


def _service(document: Mapping[str, Any]) -> ServiceEntry:
    lists = {name: tuple(document[name]) for name in ("intake", "internal", "external")}
    return ServiceEntry(**{**document, **lists, "receivers": _receivers(document["receivers"])})


def _dataset(document: Mapping[str, Any]) -> DatasetEntry:
    origins = tuple(Origin(**each) for each in document.get("origins", ()))  # earlier maps have none
    return DatasetEntry(**{**document, "receivers": _receivers(document["receivers"]), "origins": origins})


def _receivers(documents: Sequence[Mapping[str, str]]) -> tuple[Receiver, ...]:
    return tuple(Receiver(**each) for each in documents)
