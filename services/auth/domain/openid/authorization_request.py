"""An authorization request: what an application asks for when it sends a person here (OpenID Connect Core, 3.1.2.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.scope import CLAIMS, OFFLINE
from services.kernel.errors import HubError
from services.kernel.identity.assurance import Assurance, read_acr_values

RESPONSE_MODES = ("query", "form_post")
PROMPTS = ("none", "login", "consent", "select_account")
CLAIM_NAMES = frozenset(name for names in CLAIMS.values() for name in names)
_LONGEST_VALUE = 2000
_UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class AuthorizationRefused(HubError):
    """The authorization request is refused"""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        """One of the codes of RFC 6749, 4.1.2.1 and OpenID Connect Core, 3.1.2.6."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What an application asks for.

    `assurance` holds the levels wished for, `needs_assurance` tells whether less will not do. `claims` are those asked
    for one by one, `subject` is the person that the application wants, if it named one. `max_age` in seconds.
    """

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    response_mode: str = "query"
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    ui_locales: str | None = None
    id_token_hint: str | None = None
    assurance: Assurance | None = None
    needs_assurance: bool = False
    claims: Mapping[str, tuple[str, ...]] | None = None
    subject: str | None = None

    @property
    def items(self) -> tuple[str, ...]:
        """What the person is asked to let the application know and do."""
        asked = {name for names in (self.claims or {}).values() for name in names}
        held = {name for word in self.scope for name in CLAIMS.get(word, ())}
        return (*self.scope, *sorted(f"claim:{name}" for name in asked - held))


def read_request(
    application: Application, parameters: Mapping[str, str], scope: tuple[str, ...]
) -> AuthorizationRequest:
    """Read a request of which the address, the scope and the challenge are right. Raises AuthorizationRefused."""
    _refuse_unsupported(parameters)
    claims, subject, acr_asked = _read_claims(parameters.get("claims"))
    prompt = frozenset(parameters.get("prompt", "").split())
    if not prompt <= set(PROMPTS) or ("none" in prompt and len(prompt) > 1):
        raise AuthorizationRefused("invalid_request", f"prompt must be none, or some of {', '.join(PROMPTS[1:])}")
    acr_values = parameters.get("acr_values") or " ".join(application.details.default_acr_values)
    return AuthorizationRequest(
        client_id=application.client_id,
        redirect_uri=parameters["redirect_uri"],
        scope=scope,
        response_mode=response_mode_of(parameters),
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        prompt=prompt,
        max_age=_read_age(parameters.get("max_age"), application.details.default_max_age),
        login_hint=parameters.get("login_hint", "")[:100] or None,
        ui_locales=parameters.get("ui_locales"),
        id_token_hint=parameters.get("id_token_hint"),
        assurance=read_acr_values(acr_asked or acr_values),
        needs_assurance=bool(acr_asked),
        claims=claims,
        subject=subject,
    )


def response_mode_of(parameters: Mapping[str, str]) -> str:
    """Return how the answer travels; whatever is not known, in the query."""
    mode = parameters.get("response_mode", "query")
    return mode if mode in RESPONSE_MODES else "query"


def _refuse_unsupported(parameters: Mapping[str, str]) -> None:
    for name, error in _UNSUPPORTED.items():
        if name in parameters:
            raise AuthorizationRefused(error, f"The parameter {name} is not supported")
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise AuthorizationRefused("invalid_request", f"response_mode must be one of {', '.join(RESPONSE_MODES)}")
    for name in ("state", "nonce"):
        if len(parameters.get(name, "")) > _LONGEST_VALUE:
            raise AuthorizationRefused("invalid_request", f"{name} is longer than {_LONGEST_VALUE} characters")


def _read_age(text: str | None, default: int | None) -> int | None:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise AuthorizationRefused("invalid_request", "max_age must be a number of seconds")
    return int(text)


def _read_claims(text: str | None) -> tuple[dict[str, tuple[str, ...]], str | None, str]:
    """Read the `claims` parameter (5.5): the known claims of each place, the wanted subject, the needed acr values."""
    if text is None:
        return {}, None, ""
    try:
        document = json.loads(text)
        asked = {where: dict(document.get(where) or {}) for where in ("userinfo", "id_token")}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise AuthorizationRefused("invalid_request", "claims must be a JSON object") from None
    names = {where: tuple(sorted(CLAIM_NAMES & each.keys())) for where, each in asked.items()}
    subject = _wanted(asked["id_token"], "sub") or _wanted(asked["userinfo"], "sub")
    acr = asked["id_token"].get("acr")
    return names, (subject[0] if subject else None), _essential(acr)


def _wanted(asked: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the values that a claim is wanted to have."""
    wish = asked.get(name)
    if not isinstance(wish, dict):
        return ()
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    return tuple(map(str, values)) if isinstance(values, list) else ()


def _essential(wish: object) -> str:
    if not isinstance(wish, dict) or wish.get("essential") is not True:
        return ""
    return " ".join(_wanted({"acr": wish}, "acr"))


def lasts(request: AuthorizationRequest) -> bool:
    """Tell whether access while the person is away is asked for."""
    return OFFLINE in request.scope
