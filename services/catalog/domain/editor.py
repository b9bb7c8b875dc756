"""Who writes to the catalogue: whoever has a grant to publish for the unit that looks after a data set."""

from dataclasses import dataclass

from services.catalog.domain.audience import may_propose, require_editor, require_writer
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

    def may_propose(self, dataset: Dataset) -> bool:
        """Tell whether the caller may at least write a working copy of a data set."""
        return may_propose(self.principal, dataset.publisher.name, dataset.unit)

    def require_proposal_for(self, dataset: Dataset) -> None:
        """Refuse unless the caller may publish, or write, for the unit of a data set. Raises NotAllowed."""
        if not self.may(dataset.publisher.name, dataset.unit):
            require_writer(self.principal, dataset.publisher.name, dataset.unit)

    def require_for(self, dataset: Dataset) -> None:
        """Refuse unless the caller may publish for the unit of a data set. Raises NotAllowed."""
        self.require(dataset.publisher.name, dataset.unit)
