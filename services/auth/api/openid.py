"""The routes of OAuth and OpenID Connect, all of them."""

from services.auth.api import authorization, logout, oauth, registration, token_status, userinfo

ROUTERS = (
    oauth.router,
    token_status.router,
    authorization.router,
    logout.router,
    userinfo.router,
    registration.router,
)
