"""The device authorization grant (RFC 8628): a device begins to wait, and fetches its tokens when it is let in."""

from dataclasses import dataclass
from datetime import timedelta

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc8628 import (
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialMixin,
)

from services.auth.domain.openid.application import AUTH_METHODS
from services.auth.domain.openid.device_grant import INTERVAL_S, LIFE_S, DeviceGrant, read_user_code
from services.auth.domain.openid.tokens import hash_of
from services.auth.openid.call import Call, wait
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.client_request import ClientRequest
from services.auth.openid.permission import permission_of
from services.auth.openid.person_grant import PersonGrant
from services.auth.openid.person_tokens import Permission
from services.auth.openid.refusal import Refused
from services.auth.openid.server import Server
from services.auth.store import authorizations, device_grants

_SLOWER_S = 5


@dataclass(frozen=True, slots=True)
class ShownDevice(DeviceCredentialMixin):
    """A waiting device that asks, and when."""

    grant: DeviceGrant
    call: Call

    def get_client_id(self) -> str:
        """Return the client that waits."""
        return self.grant.client_id

    def get_scope(self) -> str:
        """Return what it asks for."""
        return " ".join(self.grant.scope)

    def get_user_code(self) -> str:
        """Return what the person types in."""
        return self.grant.user_code

    def is_expired(self) -> bool:
        """Tell whether nobody has let it in in time."""
        return self.grant.expires_at <= self.call.now


class DeviceGrantType(PersonGrant, DeviceCodeGrant):
    """Gives a device its tokens once, as soon as a person has let it in (RFC 8628, 3.4)."""

    def query_device_credential(self, device_code: str) -> ShownDevice:
        """Return the client's device, which others wait for until the call's end. Raises Refused."""
        found = wait(device_grants.find(self.server.call.connection, hash_of(device_code)))
        if found is None or found.client_id != self.request.client.client_id:
            raise Refused("invalid_grant", "The device code is not valid")
        shown = ShownDevice(found, self.server.call)
        self.request.credential = shown
        return shown

    def query_user_grant(self, user_code: str) -> tuple[Permission | None, bool] | None:
        """Return what the person has let it do, None while nobody has answered; an answer is told once."""
        call, grant = self.server.call, self.request.credential.grant
        if grant.status == "waiting":
            return None
        wait(device_grants.remove(call.connection, grant.device_hash))
        if grant.status == "denied":
            return None, False
        authorization = wait(authorizations.find(call.connection, grant.authorization_id or ""))
        return permission_of(call, self.request.client, authorization), True

    def should_slow_down(self, credential: ShownDevice) -> bool:
        """Tell whether it asks too often, and note that it has asked; it then waits longer (RFC 8628, 3.5)."""
        call, grant = self.server.call, credential.grant
        waited = timedelta(seconds=grant.interval_s - 1)
        is_early = grant.polled_at is not None and call.now < grant.polled_at + waited
        interval_s = grant.interval_s + (_SLOWER_S if is_early else 0)
        wait(device_grants.change(call.connection, grant.device_hash, polled_at=call.now, interval_s=interval_s))
        return is_early


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    """Lets a device wait for a person (RFC 8628, 3.1)."""

    CLIENT_AUTH_METHODS = AUTH_METHODS
    EXPIRES_IN = LIFE_S
    INTERVAL = INTERVAL_S
    server: Server

    def authenticate_client(self, request: ClientRequest) -> KnownClient:
        """Return the client that the device is of. Raises OAuth2Error."""
        client: KnownClient = super().authenticate_client(request)
        if client.application is None or not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise Refused("unauthorized_client", f"The client may not use {DEVICE_CODE_GRANT_TYPE}")
        return client

    def get_verification_uri(self) -> str:
        """Return where the person types the code in."""
        return f"{self.server.call.auth.issuer.url.rstrip('/')}/oauth/device"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, str]) -> None:
        """Write what the device waits for. Raises OAuth2Error for a scope that is not the application's."""
        call, application = self.server.call, self.server.query_client(client_id).application
        assert application is not None  # else it had not authenticated here
        words = application.allowed(scope or "")
        if not words:
            raise InvalidScopeError
        until = call.now + timedelta(seconds=LIFE_S)
        user_code = read_user_code(data["user_code"]) or ""
        grant = DeviceGrant(hash_of(data["device_code"]), user_code, client_id, words, call.now, until)
        if not wait(device_grants.add(call.connection, grant)):
            raise Refused("temporarily_unavailable", "The code is in use; try again")
