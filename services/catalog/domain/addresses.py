"""The addresses that the catalogue gives to things, from the public addresses of the hub's services."""

import uuid
from dataclasses import dataclass
from urllib.parse import quote

from services.catalog.domain.data_service import ServiceKind
from services.catalog.domain.dataset import Dataset, Publisher
from services.catalog.domain.distribution import Distribution, Interface
from services.catalog.domain.licence import Licence
from services.catalog.domain.stored_file import StoredFile


def emblem_path(publisher: Publisher) -> str:
    """Return where the catalogue has the emblem of a publisher, another path for another picture."""
    return f"/organization/{publisher.slug}/emblem.png?v={publisher.appearance.emblem[:12]}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the catalogue and the context broker are reached from outside, without a trailing slash."""

    catalog: str
    broker: str

    @property
    def catalogue(self) -> str:
        """The catalogue itself."""
        return f"{self.catalog}/catalog"

    def dataset(self, dataset_id: uuid.UUID) -> str:
        """A data set."""
        return f"{self.catalog}/dataset/{dataset_id}"

    def file(self, file_id: uuid.UUID, name: str) -> str:
        """An uploaded file."""
        return f"{self.catalog}/files/{file_id}/content/{quote(name, safe='')}"

    def of_file(self, file: StoredFile) -> str:
        """An uploaded file that is known, also one of a working copy."""
        address = self.file(file.identifier, file.name)
        return f"{address}?draft=true" if file.is_proposed else address

    def is_file(self, distribution: Distribution) -> bool:
        """Tell whether a distribution is an uploaded file."""
        identifier = distribution.distribution_id
        return identifier is not None and distribution.access_url.startswith(self.file(identifier, ""))

    def distribution(self, dataset_id: uuid.UUID, distribution: Distribution) -> str:
        """A distribution, within its data set."""
        return f"{self.dataset(dataset_id)}#{distribution.distribution_id}"

    def publisher(self, publisher: Publisher) -> str:
        """A tenant as a publisher."""
        return f"{self.catalog}/organization/{publisher.slug}"

    def emblem(self, publisher: Publisher) -> str:
        """The emblem of a publisher, a new address for a new picture; empty where it has none."""
        return f"{self.catalog}{emblem_path(publisher)}" if publisher.appearance.emblem else ""

    def licence(self, licence: Licence) -> str:
        """A licence: its text where it has one, else what the catalogue says of it."""
        return licence.url or f"{self.catalog}/licences#{licence.identifier}"

    def service(self, publisher: Publisher, kind: ServiceKind) -> str:
        """A tenant's part of an interface: the page that tells of it."""
        return f"{self.publisher(publisher)}/service/{kind}"

    def endpoint(self, kind: ServiceKind) -> str:
        """Where an interface answers."""
        match kind:
            case ServiceKind.NGSI_LD:
                return f"{self.broker}/ngsi-ld/v1"
            case ServiceKind.NGSI_V2:
                return f"{self.broker}/v2"
            case ServiceKind.CKAN:
                return f"{self.catalog}/api/3/action"
            case ServiceKind.DCAT:
                return self.catalogue
            case ServiceKind.RECORDS:
                return f"{self.catalog}/ogc"

    def endpoint_description(self, kind: ServiceKind) -> str:
        """The OpenAPI document of the service that has an interface."""
        return f"{self.broker if kind.is_brokers else self.catalog}/openapi.json"

    def query(self, dataset: Dataset, interface: Interface) -> str:
        """The query that returns the entities of a live data set."""
        assert dataset.live is not None
        return f"{self.endpoint(ServiceKind(interface))}/entities?type={quote(dataset.live.type_name, safe='')}"
