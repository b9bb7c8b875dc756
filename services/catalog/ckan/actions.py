"""The actions by name."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from services.catalog.ckan import (
    activities,
    api_tokens,
    datastore,
    directory,
    groups,
    lists,
    packages,
    resources,
    users,
    writing,
)
from services.catalog.ckan.activity_parameters import (
    ActivityList,
    ActivityReference,
    Members,
    RecentActivities,
    UserList,
    UserReference,
)
from services.catalog.ckan.errors import ParameterError, fault_of, parameter_error
from services.catalog.ckan.parameters import (
    ApiTokenOwner,
    ApiTokenReference,
    Autocomplete,
    DatastoreReference,
    DatastoreSearch,
    GroupList,
    GroupPackages,
    GroupReference,
    HelpReference,
    Membership,
    NewApiToken,
    OrganizationList,
    OrganizationReference,
    PackageDocument,
    PackageReference,
    PackageRevision,
    PackageSearch,
    Paging,
    Parameters,
    ResourceDocument,
    ResourceSearch,
    TagList,
    TagReference,
    ThingReference,
)
from services.catalog.ckan.refusals import READ_ONLY, REFUSALS
from services.catalog.ckan.site import Visit
from services.kernel.errors import AlreadyExists, Conflict, InvalidRequest, NotFound


@dataclass(frozen=True, slots=True)
class Action:
    """What an action takes and does."""

    parameters: type[Parameters]
    run: Callable[[Visit, Any], Awaitable[object]]
    writes: bool = False
    takes_file: bool = False

    @property
    def help(self) -> str:
        """What it does, in words."""
        return inspect.getdoc(self.run) or ""

    def admit(self, visit: Visit) -> None:
        """Refuse nobody before a file is read. Raises NotAllowed."""
        if self.takes_file:
            visit.editor_in(None)

    async def call(self, visit: Visit, given: Mapping[str, object]) -> object:
        """Run the action. Raises ParameterError and what the action raises."""
        try:
            present = {name: value for name, value in given.items() if value is not None}
            parameters = self.parameters.model_validate(present)
        except ValidationError as error:
            raise parameter_error(error) from error
        if not self.writes:
            return await self.run(visit, parameters)
        try:
            return await self.run(visit, parameters)
        except ParameterError:
            raise
        except (InvalidRequest, AlreadyExists, Conflict) as error:
            raise fault_of(error) from error


async def help_show(visit: Visit, parameters: HelpReference) -> str:
    """Return what an action does."""
    action = ACTIONS.get(parameters.name)
    if action is None:
        raise NotFound(f"Action {parameters.name} does not exist")
    return action.help


_READING: Mapping[str, Action] = {
    "package_list": Action(Paging, packages.package_list),
    "package_show": Action(PackageReference, packages.package_show),
    "package_search": Action(PackageSearch, packages.package_search),
    "package_autocomplete": Action(Autocomplete, lists.package_autocomplete),
    "package_relationships_list": Action(ThingReference, lists.package_relationships_list),
    "current_package_list_with_resources": Action(Paging, lists.current_package_list_with_resources),
    "resource_show": Action(ThingReference, resources.resource_show),
    "resource_search": Action(ResourceSearch, resources.resource_search),
    "resource_view_list": Action(ThingReference, resources.resource_view_list),
    "datastore_search": Action(DatastoreSearch, datastore.datastore_search),
    "datastore_info": Action(DatastoreReference, datastore.datastore_info),
    "organization_list": Action(OrganizationList, directory.organization_list),
    "organization_show": Action(OrganizationReference, directory.organization_show),
    "organization_autocomplete": Action(Autocomplete, lists.organization_autocomplete),
    "organization_list_for_user": Action(Membership, lists.organization_list_for_user),
    "group_list": Action(GroupList, groups.group_list),
    "group_show": Action(GroupReference, groups.group_show),
    "group_package_show": Action(GroupPackages, groups.group_package_show),
    "group_autocomplete": Action(Autocomplete, groups.group_autocomplete),
    "group_list_authz": Action(Membership, groups.group_list_authz),
    "api_token_list": Action(ApiTokenOwner, api_tokens.api_token_list),
    "license_list": Action(Parameters, directory.license_list),
    "tag_list": Action(TagList, directory.tag_list),
    "tag_show": Action(TagReference, lists.tag_show),
    "tag_search": Action(TagList, lists.tag_search),
    "format_autocomplete": Action(Autocomplete, lists.format_autocomplete),
    "tag_autocomplete": Action(Autocomplete, lists.tag_autocomplete),
    "vocabulary_list": Action(Paging, lists.vocabulary_list),
    "member_list": Action(Members, users.member_list),
    "user_show": Action(UserReference, users.user_show),
    "user_list": Action(UserList, users.user_list),
    "user_activity_list": Action(ActivityList, activities.user_activity_list),
    "package_activity_list": Action(ActivityList, activities.package_activity_list),
    "organization_activity_list": Action(ActivityList, activities.organization_activity_list),
    "group_activity_list": Action(ActivityList, activities.group_activity_list),
    "recently_changed_packages_activity_list": Action(
        RecentActivities, activities.recently_changed_packages_activity_list
    ),
    "activity_show": Action(ActivityReference, activities.activity_show),
    "status_show": Action(Parameters, directory.status_show),
    "site_read": Action(Parameters, directory.site_read),
    "help_show": Action(HelpReference, help_show),
}
_WRITING: Mapping[str, Action] = {
    "api_token_create": Action(NewApiToken, api_tokens.api_token_create, writes=True),
    "api_token_revoke": Action(ApiTokenReference, api_tokens.api_token_revoke, writes=True),
    "package_create": Action(PackageDocument, writing.package_create, writes=True),
    "package_update": Action(PackageDocument, writing.package_update, writes=True),
    "package_patch": Action(PackageDocument, writing.package_patch, writes=True),
    "package_revise": Action(PackageRevision, writing.package_revise, writes=True),
    "package_delete": Action(PackageReference, writing.package_delete, writes=True),
    "dataset_purge": Action(PackageReference, writing.dataset_purge, writes=True),
    "resource_create": Action(ResourceDocument, resources.resource_create, writes=True, takes_file=True),
    "resource_update": Action(ResourceDocument, resources.resource_update, writes=True, takes_file=True),
    "resource_patch": Action(ResourceDocument, resources.resource_patch, writes=True, takes_file=True),
    "resource_delete": Action(ThingReference, resources.resource_delete, writes=True),
}
_REFUSED = {name: Action(Parameters, run, writes=name not in READ_ONLY) for name, run in REFUSALS.items()}
ACTIONS: Mapping[str, Action] = MappingProxyType({**_READING, **_WRITING, **_REFUSED})
