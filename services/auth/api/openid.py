"""The routes of OAuth and OpenID Connect, all of them."""

from services.auth.api import authorization, oauth, registration, userinfo

ROUTERS = (oauth.router, authorization.router, userinfo.router, registration.router)
