"""The services through which a tenant's data can be had: interfaces of the context broker, and of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.catalog.domain.dataset import Dataset, Kind, Publisher
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is


class ServiceKind(StrEnum):
    """The interfaces; those of the context broker are called as in `Interface`."""

    NGSI_LD = "ngsi-ld"
    NGSI_V2 = "ngsi-v2"
    CKAN = "ckan"
    DCAT = "dcat"
    RECORDS = "ogc-records"

    @property
    def is_brokers(self) -> bool:
        """Whether the context broker has it, not the catalogue."""
        return self in HEADERS


@dataclass(frozen=True, slots=True)
class Standard:
    """What an interface keeps to."""

    title: str
    uri: str


LABELS: Mapping[ServiceKind, str] = MappingProxyType(
    {
        ServiceKind.NGSI_LD: "NGSI-LD API",
        ServiceKind.NGSI_V2: "NGSIv2 API",
        ServiceKind.CKAN: "CKAN Action API",
        ServiceKind.DCAT: "DCAT-AP",
        ServiceKind.RECORDS: "OGC API - Records",
    }
)
STANDARDS: Mapping[ServiceKind, Standard] = MappingProxyType(
    {
        ServiceKind.NGSI_LD: Standard(
            "ETSI GS CIM 009 (NGSI-LD API)", "https://www.etsi.org/deliver/etsi_gs/CIM/001_099/009/"
        ),
        ServiceKind.NGSI_V2: Standard("FIWARE NGSIv2", "https://fiware.github.io/specifications/ngsiv2/stable/"),
        ServiceKind.CKAN: Standard("CKAN Action API, version 3", "https://docs.ckan.org/en/2.11/api/"),
        ServiceKind.DCAT: Standard("DCAT-AP 3.0.1", "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"),
        ServiceKind.RECORDS: Standard(
            "OGC API - Records - Part 1: Core", "http://www.opengis.net/doc/is/ogcapi-records-1/1.0"
        ),
    }
)
HEADERS: Mapping[ServiceKind, str] = MappingProxyType(
    {ServiceKind.NGSI_LD: "NGSILD-Tenant", ServiceKind.NGSI_V2: "Fiware-Service"}
)
"""The headers in which the interfaces of the context broker are told the tenant."""

_SERVE: Mapping[ServiceKind, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType(
    {
        ServiceKind.NGSI_LD: (
            ("エンティティの今の状態と履歴を読み、変化の通知を受け取れます。", "ライブデータ"),
            ("Present state and history of entities, and notifications of changes.", "live data"),
        ),
        ServiceKind.NGSI_V2: (
            ("エンティティの今の状態を読み、変化の通知を受け取れます。", "ライブデータ"),
            ("Present state of entities, and notifications of changes.", "live data"),
        ),
        ServiceKind.CKAN: (
            ("データセットを探し、その説明とファイルを取得し、表の行を検索できます。", "データセット"),
            ("Finds data sets, gives their descriptions and files, and searches the rows of tables.", "data sets"),
        ),
        ServiceKind.DCAT: (
            ("データセットの説明をRDF（JSON-LD、Turtleなど）でまとめて取得できます。", "データセット"),
            ("Gives the descriptions of data sets as RDF (JSON-LD, Turtle and others).", "data sets"),
        ),
        ServiceKind.RECORDS: (
            ("データセットの説明を地図ソフトから検索できます。", "データセット"),
            ("Finds the descriptions of data sets from geographic information systems.", "data sets"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class DataService:
    """A tenant's part of an interface (DCAT 3, Data Service)."""

    publisher: Publisher
    kind: ServiceKind

    @property
    def label(self) -> str:
        """What the interface is called."""
        return LABELS[self.kind]

    @property
    def standard(self) -> Standard:
        """What the interface keeps to."""
        return STANDARDS[self.kind]

    @property
    def header(self) -> str:
        """The header in which a request names the tenant, empty where none is sent."""
        return HEADERS.get(self.kind, "") if self.publisher.name else ""

    @property
    def titles(self) -> dict[str, str]:
        """Its title by language."""
        owner = self.publisher
        return {"ja": f"{owner.title}の{self.label}", "en": f"{self.label} of {owner.title_en or owner.title}"}

    @property
    def descriptions(self) -> dict[str, str]:
        """What it is good for, by language."""
        (japanese, things), (english, english_things) = _SERVE[self.kind]
        owner = self.publisher
        return {
            "ja": f"{owner.title}の{things}を提供します。{japanese}",
            "en": f"Serves {english_things} of {owner.title_en or owner.title}. {english}",
        }

    @property
    def serves(self) -> Condition:
        """Which data sets can be had through it: live ones of the context broker, the tenant's own of the catalogue."""
        own = Is(Field.ORGANIZATION, self.publisher.slug)
        kinds = (Kind.LIVE,) if self.kind.is_brokers else (Kind.FILE, Kind.LIVE)
        return AllOf((own, AnyOf(tuple(Is(Field.KIND, kind) for kind in kinds))))


def services_of(publisher: Publisher) -> tuple[DataService, ...]:
    """Return the services of a tenant; NGSIv2's header allows no hyphen in a tenant's name."""
    kinds = (each for each in ServiceKind if each is not ServiceKind.NGSI_V2 or "-" not in publisher.name)
    return tuple(DataService(publisher, each) for each in kinds)


def services_for(dataset: Dataset) -> tuple[DataService, ...]:
    """Return the services through which a data set can be had; none for a series, or for what is itself a service."""
    if dataset.kind not in (Kind.FILE, Kind.LIVE):
        return ()
    return tuple(each for each in services_of(dataset.publisher) if dataset.live or not each.kind.is_brokers)
