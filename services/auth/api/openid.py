"""The routes of OAuth and OpenID Connect, of organisations and of people's own pages."""

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
    passkeys.router,
    external.router,
    organisations.router,
)
