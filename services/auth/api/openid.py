"""The routes of OAuth and OpenID Connect, all of them."""

from services.auth.api import (
    account,
    applications,
    authorization,
    device,
    logout,
    oauth,
    registration,
    token_status,
    userinfo,
)

ROUTERS = (
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
)
