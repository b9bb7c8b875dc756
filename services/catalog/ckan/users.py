"""The actions about people: everybody sees oneself, and administrators those whom they administer at auth."""

from datetime import datetime
from typing import Any

from services.catalog.ckan.activity_parameters import Members, UserList, UserReference
from services.catalog.ckan.identifiers import group_name, organization_name
from services.catalog.ckan.package import naive
from services.catalog.ckan.site import Visit
from services.catalog.domain.query import Condition, Field, Is, Slice, Sort, SortKey
from services.catalog.domain.theme import THEMES
from services.catalog.store.find import find
from services.catalog.store.session import reading
from services.kernel.errors import NotAllowed, NotFound
from services.kernel.identity import Principal

_BY_NAME = (Sort(SortKey.NAME),)


async def user_show(visit: Visit, parameters: UserReference) -> dict[str, Any]:
    """Return the caller, or with `id` a person whom the caller administers; others are refused."""
    caller = known(visit)
    if parameters.id in (None, caller.subject):
        return _oneself(caller)
    try:
        return _person(await visit.site.people.find(visit.authorization, parameters.id))
    except NotFound as error:
        raise NotAllowed("a person is shown to oneself, and to those who administer the person") from error


async def user_list(visit: Visit, parameters: UserList) -> list[Any]:
    """Return the people whom the caller administers, by login, or else the caller alone."""
    caller = known(visit)
    try:
        people = await visit.site.people.administered(visit.authorization, parameters.limit, parameters.offset)
    except NotAllowed:
        people = []
    found = list(map(_person, people)) or ([] if parameters.offset else [_oneself(caller)])
    chosen = [each for each in found if parameters.q.casefold() in f"{each['name']} {each['fullname']}".casefold()]
    return chosen if parameters.all_fields else [each["name"] for each in chosen]


async def member_list(visit: Visit, parameters: Members) -> list[list[str]]:
    """Return the packages of an organization or group, a thousand at most; its people are told by auth alone."""
    if parameters.object_type == "user":
        raise NotAllowed("who has which role in a tenant is kept by auth (/roles there)")
    theme = THEMES.get(group_name(parameters.id).upper())
    organization = await organization_name(visit, parameters.id)
    wanted: Condition = Is(Field.THEME, theme.code) if theme else Is(Field.ORGANIZATION, organization)
    async with reading(visit.site.catalogue.engine) as connection:
        found = await find(connection, visit.audience, wanted, Slice(parameters.limit, parameters.offset, _BY_NAME))
    if not found.total and theme is None:
        raise NotFound(f"Group {parameters.id} does not exist")
    return [[str(each.dataset_id), "package", "public"] for each in found.datasets]


def known(visit: Visit) -> Principal:
    """Return who calls. Raises NotAllowed for nobody."""
    if visit.principal is None:
        raise NotAllowed("people are shown to those who are known: send a token")
    return visit.principal


def _oneself(caller: Principal) -> dict[str, Any]:
    is_operator = caller.is_unlimited("admin", "*")
    return _user(caller.subject, caller.subject, "", None, is_operator=is_operator)


def _person(told: dict[str, Any]) -> dict[str, Any]:
    state = "active" if told["status"] == "active" else "deleted"
    shown = _user(told["user_id"], told["login"], told["name"] or "", naive(datetime.fromisoformat(told["created_at"])))
    return {**shown, "state": state}


def _user(user_id: str, name: str, fullname: str, created: str | None, *, is_operator: bool = False) -> dict[str, Any]:
    return {
        "id": user_id,
        "name": name,
        "fullname": fullname,
        "display_name": fullname or name,
        "about": None,
        "created": created,
        "state": "active",
        "sysadmin": is_operator,
        "image_url": None,
        "activity_streams_email_notifications": False,
    }
