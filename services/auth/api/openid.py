"""The routes of OAuth and OpenID Connect, of organisations and of people's own pages."""

from collections.abc import Iterable

from fastapi import APIRouter, Depends

from services.auth.api import (
    account,
    applications,
    authorization,
    device,
    external,
    logout,
    oauth,
    organisations,
    passkeys,
    registration,
    token_status,
    userinfo,
)
from services.auth.api.service import identifying

_SIGNING_IN = (
    oauth.router,
    token_status.router,
    authorization.router,
    logout.router,
    device.router,
    device.pages,
    userinfo.router,
    registration.router,
    applications.router,
    account.router,
    passkeys.router,
    external.router,
)


def _identifying(routers: Iterable[APIRouter]) -> APIRouter:
    """Return the routes of routers, which find out who somebody is."""
    together = APIRouter(dependencies=[Depends(identifying)])
    for router in routers:
        together.include_router(router)
    return together


ROUTERS = (_identifying(_SIGNING_IN), organisations.router)
