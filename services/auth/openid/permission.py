"""What a person has let a client do, found for a code, a refresh token or a device, and ended."""

from services.auth.domain.openid.authorization import Authorization, Code, RefreshToken
from services.auth.openid.call import Call, wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.person_tokens import Permission, person_of
from services.auth.openid.refusal import Refused
from services.auth.openid.sign_in import end_authorizations, still_holds
from services.auth.store import authorizations, people


def own_authorization(call: Call, client: KnownClient, held: Code | RefreshToken | None) -> Authorization | None:
    """Return the authorization of a code or token, if it is the client's; kept from others until the call's end."""
    if held is None:
        return None
    found = wait(authorizations.find(call.connection, held.authorization_id, for_update=True))
    return found if found is not None and found.client_id == client.client_id else None


def permission_of(call: Call, client: KnownClient, authorization: Authorization | None) -> Permission:
    """Return what an authorization permits now. Raises Refused."""
    user = wait(people.find(call.connection, authorization.user_id)) if authorization is not None else None
    if authorization is None or user is None or client.application is None:
        raise Refused("invalid_grant", "What the person had allowed has ended")
    if not still_holds(authorization, user, call.now):
        raise Refused("invalid_grant", "What the person had allowed has ended")
    return Permission(authorization, wait(person_of(call.connection, client.application, user)), client.application)


def end_authorization(call: Call, authorization: Authorization) -> None:
    """End an authorization with all that came of it, and let every service refuse its tokens."""
    ended = wait(authorizations.revoke(call.connection, authorization.authorization_id, call.now))
    wait(end_authorizations(call.connection, ended, call.now))
