"""A client's form, as Authlib reads it."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from services.auth.operations.standing import Standing


class ClientRequest(OAuth2Request):
    """A form that a client sends, with the resources that it names (RFC 8707).

    `presented` is the client that it has shown, believed or not; `standing` what the client stands for.
    """

    client: Any
    user: Any
    credential: Any

    def __init__(self, headers: Mapping[str, str], form: Mapping[str, str], resources: tuple[str, ...] = ()) -> None:
        super().__init__("POST", "https://hub/", headers=headers)  # whether TLS is used is the deployment's matter
        self._form = dict(form)
        self.payload = BasicOAuth2Payload(self._form)
        self.resources = resources
        self.presented = ""
        self.standing = Standing(())

    @property
    def form(self) -> dict[str, str]:
        """The parameters, each once."""
        return self._form

    @property
    def ways(self) -> list[str]:
        """The methods of authentication that it shows (RFC 6749, 2.3); an empty header is a failed attempt at one."""
        header = (self.headers or {}).get("authorization")
        if header == "":
            return ["client_secret_basic"]
        shown = {
            "client_secret_basic": header is not None,
            "client_secret_post": "client_secret" in self._form,
            "private_key_jwt": "client_assertion" in self._form,
        }
        return [name for name, is_shown in shown.items() if is_shown] or ["none"]
