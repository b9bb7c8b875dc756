"""The actions of CKAN that have no counterpart here: each says why, and what to do instead."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from services.catalog.ckan.parameters import Parameters
from services.catalog.ckan.site import Visit
from services.kernel.errors import NotAllowed

_TENANTS = "organizations are tenants: auth creates, changes and ends them (PUT and DELETE /tenants/{name} there)"
_THEMES = "groups are the themes of the EU vocabulary, which nobody changes"
_PEOPLE = "users and their rights are kept by auth (/users and /clients there)"
_SQL = "SQL is not answered: use datastore_search, or the resource's own interface"
_TABLES = "tables follow what they describe: upload a file, or write entities to the context broker"
_SERIES = "relationships are said by series, sources and documentation"
_TAGS = "tags are free: they come and go with the packages that have them"
_VIEWS = "previews belong to the pages of the catalogue"

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("organization_create", "organization_update", "organization_patch", "organization_delete"),
                *("organization_purge", "organization_member_create", "organization_member_delete"),
            ),
            _TENANTS,
        ),
        **dict.fromkeys(("group_create", "group_update", "group_patch", "group_delete", "group_purge"), _THEMES),
        **dict.fromkeys(
            (
                "user_create",
                "user_update",
                "user_patch",
                "user_delete",
                "user_invite",
                "member_create",
                "member_delete",
            ),
            _PEOPLE,
        ),
        "datastore_search_sql": _SQL,
        **dict.fromkeys(("datastore_create", "datastore_upsert", "datastore_delete"), _TABLES),
        **dict.fromkeys(("package_relationship_create", "package_relationship_delete"), _SERIES),
        **dict.fromkeys(("tag_create", "tag_delete", "vocabulary_create", "vocabulary_delete"), _TAGS),
        **dict.fromkeys(("resource_view_create", "resource_view_update", "resource_view_delete"), _VIEWS),
    }
)


def _refusal(reason: str) -> Callable[[Visit, Parameters], Awaitable[object]]:
    async def refuse(visit: Visit, parameters: Parameters) -> object:
        raise NotAllowed(reason)

    refuse.__doc__ = f"Refuse: {reason}."
    return refuse


REFUSALS = {name: _refusal(reason) for name, reason in _REASONS.items()}
"""What runs in their place."""
READ_ONLY = frozenset({"datastore_search_sql"})
"""Those of them that CKAN answers by GET, too."""
