"""Live data sets of what a tenant opens to all: everybody may see them, unless their publisher says otherwise."""

import dataclasses
from collections.abc import Sequence

from services.catalog.domain.data_class import DataClass
from services.catalog.domain.dataset import Access, AccessBy, Dataset, Live
from services.kernel.identity import Grant
from services.kernel.identity.grant import SUBTREE


def with_open_data(dataset: Dataset, opened: Sequence[Grant]) -> Dataset:
    """Return a data set with the access that its tenant's open data give it: everybody's grants in the tenant.

    What was opened so is closed again with them. What was decided by hand stays, and so does what is about persons.
    """
    if dataset.live is None or dataset.access_by is AccessBy.HAND:
        return dataset
    is_open = _is_whole(dataset.live, opened) and DataClass(dataset.content.data_class).may_be_public
    if is_open and dataset.access is Access.RESTRICTED:
        return dataclasses.replace(dataset, access=Access.PUBLIC, access_by=AccessBy.OPEN_DATA)
    if not is_open and dataset.access_by is AccessBy.OPEN_DATA:
        return dataclasses.replace(dataset, access=Access.RESTRICTED, access_by=AccessBy.DEFAULT)
    return dataset


def _is_whole(live: Live, opened: Sequence[Grant]) -> bool:
    """Tell whether all entities of a type are open with all attributes: counts and names tell of them all."""
    names = {"*", live.type_name, live.entity_type}
    return any(each.path == SUBTREE and "*" in each.attributes and names & set(each.types) for each in opened)
