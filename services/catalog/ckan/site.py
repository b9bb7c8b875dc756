"""What an action works with."""

from dataclasses import dataclass

from services.catalog.domain.audience import Audience
from services.catalog.domain.editor import Editor
from services.catalog.downloads.export import Exports
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.people import People
from services.catalog.operations.personal_keys import PersonalKeys
from services.kernel.errors import NotAllowed
from services.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class Site:
    """The catalogue as a CKAN site: its titles, people, their keys, its id at CADDE, the broker's live entities."""

    catalogue: Catalogue
    title: str
    description: str
    personal_keys: PersonalKeys
    people: People
    cadde_provider: str = ""
    exports: Exports | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One call: the site, what the caller may see, who it is, if anybody, and the token that says so."""

    site: Site
    audience: Audience
    principal: Principal | None = None
    authorization: str | None = None

    @property
    def editor(self) -> Editor:
        """The caller as one who writes. Raises NotAllowed for nobody."""
        return self.editor_in(None)

    def editor_in(self, tenant: str | None) -> Editor:
        """Return the caller as one who writes in a tenant. Raises NotAllowed for nobody."""
        if self.principal is None:
            raise NotAllowed("Writing needs a token")
        return Editor(self.principal, tenant)
