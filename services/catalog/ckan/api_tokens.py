"""The actions about API tokens, which are personal keys at auth: a token acts with what its person may do at each use.

Arguments and answers are CKAN's, with `expires_in` and `unit` as its plugin `expire_api_token` has them.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.package import naive
from services.catalog.ckan.parameters import ApiTokenOwner, ApiTokenReference, NewApiToken
from services.catalog.ckan.site import Visit
from services.kernel.errors import BadData, Conflict

_KEY_ID = re.compile(r"(?:hbp_)?([a-z2-9]{12})(?:_[A-Za-z0-9_-]{43})?")
_LONGEST_S = 1830 * 24 * 3600
_MEMBERS = {"title": "name", "expires_at": "expires_in"}


async def api_token_create(visit: Visit, parameters: NewApiToken) -> dict[str, Any]:
    """Make an API token for the caller and return it, which is shown only now.

    It ends after `expires_in` times `unit` seconds, or never.
    """
    lasting_s = parameters.expires_in * parameters.unit if parameters.expires_in else 0
    if lasting_s > _LONGEST_S:
        raise ParameterError({"expires_in": [f"must be at most {_LONGEST_S} seconds with its unit"]})
    until = visit.site.catalogue.clock() + timedelta(seconds=lasting_s) if lasting_s else None
    try:
        made = await visit.site.personal_keys.create(visit.authorization, parameters.user, parameters.name, until)
    except (BadData, Conflict) as error:
        raise ParameterError({_MEMBERS.get(error.field or "", error.field or "message"): [error.detail]}) from error
    return {"token": made["key"], "id": made["key_id"], "expires_at": _when(made["expires_at"])}


async def api_token_list(visit: Visit, parameters: ApiTokenOwner) -> list[dict[str, Any]]:
    """Return the API tokens of a person, the oldest first, without their secrets."""
    found = await visit.site.personal_keys.of(visit.authorization, parameters.user_id)
    return [
        {
            "id": each["key_id"],
            "name": each["title"],
            "user_id": each["user_id"],
            "created_at": _when(each["created_at"]),
            "last_access": _when(each["last_used_at"]),
            "expires_at": _when(each["expires_at"]),
        }
        for each in found
    ]


async def api_token_revoke(visit: Visit, parameters: ApiTokenReference) -> None:
    """End an API token, by itself (`token`) or by its identifier (`jti`): within a second no service takes it."""
    text = parameters.jti or parameters.token
    if text is None:
        raise ParameterError({"token": ["Missing value"]})
    found = _KEY_ID.fullmatch(text)
    if found is None:
        raise ParameterError({"jti" if parameters.jti else "token": ["must be an API token, or its identifier"]})
    await visit.site.personal_keys.revoke(visit.authorization, found[1])


def _when(instant: str | None) -> str | None:
    return None if instant is None else naive(datetime.fromisoformat(instant))
