"""The actions by name."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from services.catalog.ckan import directory, packages
from services.catalog.ckan.errors import parameter_error
from services.catalog.ckan.parameters import (
    HelpReference,
    OrganizationList,
    OrganizationReference,
    PackageReference,
    PackageSearch,
    Paging,
    Parameters,
    TagList,
)
from services.catalog.ckan.site import Visit
from services.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Action:
    """What an action takes and does."""

    parameters: type[Parameters]
    run: Callable[[Visit, Any], Awaitable[object]]

    @property
    def help(self) -> str:
        """What it does, in words."""
        return inspect.getdoc(self.run) or ""

    async def call(self, visit: Visit, given: Mapping[str, object]) -> object:
        """Run the action. Raises ParameterError and what the action raises."""
        try:
            present = {name: value for name, value in given.items() if value is not None}
            parameters = self.parameters.model_validate(present)
        except ValidationError as error:
            raise parameter_error(error) from error
        return await self.run(visit, parameters)


async def help_show(visit: Visit, parameters: HelpReference) -> str:
    """Return what an action does."""
    action = ACTIONS.get(parameters.name)
    if action is None:
        raise NotFound(f"Action {parameters.name} does not exist")
    return action.help


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "package_list": Action(Paging, packages.package_list),
        "package_show": Action(PackageReference, packages.package_show),
        "package_search": Action(PackageSearch, packages.package_search),
        "organization_list": Action(OrganizationList, directory.organization_list),
        "organization_show": Action(OrganizationReference, directory.organization_show),
        "license_list": Action(Parameters, directory.license_list),
        "tag_list": Action(TagList, directory.tag_list),
        "status_show": Action(Parameters, directory.status_show),
        "site_read": Action(Parameters, directory.site_read),
        "help_show": Action(HelpReference, help_show),
    }
)
