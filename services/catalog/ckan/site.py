"""What an action works with."""

from dataclasses import dataclass

from services.catalog.domain.audience import Audience
from services.catalog.operations.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Site:
    """The catalogue as a CKAN site: its titles, and its provider id at CADDE."""

    catalogue: Catalogue
    title: str
    description: str
    cadde_provider: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One call: the site, and what the caller may see."""

    site: Site
    audience: Audience
