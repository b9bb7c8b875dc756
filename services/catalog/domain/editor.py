"""Who writes to the catalogue: whoever has a grant to publish for the unit that looks after a data set."""

from dataclasses import dataclass

from services.catalog.domain.audience import require_editor
from services.catalog.domain.dataset import Dataset
from services.kernel.errors import NotAllowed
from services.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class Editor:
    """A caller who writes, in the tenant that the request names; None where the data set's own tenant is meant."""

    principal: Principal
    tenant: str | None = None

    def require(self, tenant: str, unit: str) -> None:
        """Refuse unless the caller may publish for a unit. Raises NotAllowed."""
        require_editor(self.principal, tenant, unit)

    def may(self, tenant: str, unit: str) -> bool:
        """Tell whether the caller may publish for a unit."""
        try:
            self.require(tenant, unit)
        except NotAllowed:
            return False
        return True

    def require_for(self, dataset: Dataset) -> None:
        """Refuse unless the caller may publish for the unit of a data set. Raises NotAllowed."""
        self.require(dataset.publisher.name, dataset.unit)
