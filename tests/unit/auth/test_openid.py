"""The pure parts of OpenID Connect: addresses, requests, scopes, codes of devices, languages."""

import pytest
from authlib.oauth2.rfc6749 import UnsupportedGrantTypeError
from authlib.oauth2.rfc8628.endpoint import create_string_user_code
from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.domain.openid.application import Application, Details
from services.auth.domain.openid.authorization_request import AuthorizationRefused
from services.auth.domain.openid.device_grant import read_user_code, shown
from services.auth.domain.openid.redirect import fault_of, host_of, is_registered, origin_of, with_parameters
from services.auth.domain.openid.scope import actions_of, claims_of, wanted_claims
from services.auth.domain.user import User
from services.auth.openid.authorization_check import checked
from services.auth.openid.person_tokens import held_grants
from services.auth.openid.refusal import Refused, refusal_of
from services.auth.pages.language import language_of
from services.auth.pages.words import WORDS
from services.kernel.errors import BadData
from services.kernel.identity import Grant
from services.kernel.identity.assurance import Assurance

CALLBACK = "https://app.test/callback"
APP = Application("c-app", Details("App", (CALLBACK,)))
USUAL = {"response_type": "code", "client_id": "c-app", "redirect_uri": CALLBACK, "scope": "openid read"}


@given(st.text(max_size=80))
@settings(max_examples=300)
def test_no_text_but_the_registered_one_is_an_address_to_return_to(text: str) -> None:
    assert is_registered(text, (CALLBACK,)) == (text == CALLBACK)
    fault_of(text, "web")
    origin_of(text)


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=300)
def test_nothing_but_the_port_of_the_loopback_may_differ(before: str, after: str) -> None:
    uri = f"http://127.0.0.1{before}/callback{after}"
    if is_registered(uri, ("http://127.0.0.1/callback",)):
        assert after == ""
        assert before == "" or before.removeprefix(":").isdigit() or before == ":"


@pytest.mark.parametrize(
    ("uri", "kind", "is_right"),
    [
        (CALLBACK, "web", True),
        ("http://localhost:3000/callback", "web", True),
        ("jp.example.app:/callback", "native", True),
        ("jp.example.app:/callback", "web", False),
        ("https://app.test/callback?x=1", "web", True),
        ("urn:ietf:wg:oauth:2.0:oob", "native", False),
    ],
)
def test_what_may_be_registered(uri: str, kind: str, is_right: bool) -> None:
    assert (fault_of(uri, kind) is None) == is_right


def test_parameters_are_added_to_the_query_there_is() -> None:
    assert with_parameters("https://a.test/?x=1", [("code", "a b")]) == "https://a.test/?x=1&code=a+b"
    assert with_parameters("jp.example:/cb", [("code", "a")]) == "jp.example:/cb?code=a"
    assert (host_of("https://a.test:8443/x"), origin_of("jp.example:/cb")) == ("a.test", "jp.example:")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "phone"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": 3}'}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
    ],
)
def test_a_request_that_cannot_be_done_says_why(given: dict[str, str], error: str) -> None:
    with pytest.raises(AuthorizationRefused) as refused:
        checked(APP, {**USUAL, **given})
    assert refused.value.error == error


@pytest.mark.parametrize("uri", [None, "", "https://app.test/other", 'https://app.test/"あ', "https://[app"])
def test_a_browser_is_not_sent_where_the_application_is_not(uri: str | None) -> None:
    asked = {name: value for name, value in {**USUAL, "redirect_uri": uri}.items() if value is not None}
    for more in ({}, {"response_type": "token"}, {"scope": ""}):
        with pytest.raises(BadData):
            checked(APP, {**asked, **more})


@pytest.mark.clause("RFC 6749, 5.2: error_description")
def test_a_refusal_holds_no_signs_that_oauth_forbids() -> None:
    refused = refusal_of(UnsupportedGrantTypeError('"パス\\word\n' + "x" * 600))
    assert refused.error == "unsupported_grant_type"
    assert refused.detail.startswith("grant_type=????word?xxx")
    assert len(refused.detail) == 500
    assert Refused("invalid_scope", "範囲 fly").description == "?? fly"


def test_a_request_is_read() -> None:
    asked = checked(
        APP,
        {
            **USUAL,
            "scope": "openid read unknown openid",
            "acr_values": "other urn:hiroba:acr:ial2:aal2",
            "claims": '{"userinfo": {"name": null, "secret": null}, "id_token": {"sub": {"value": "u-1"}}}',
            "max_age": "60",
        },
    )
    assert asked.scope == ("openid", "read")
    assert (asked.assurance, asked.needs_assurance) == (Assurance(2, 2), False)
    assert asked.items == ("openid", "read", "claim:name")
    assert (asked.subject, asked.max_age) == ("u-1", 60)


def test_a_scope_never_gives_more_than_is_held() -> None:
    grants = (Grant("a/#", ("read", "subscribe")), Grant("b", ("*",)))
    assert held_grants(grants, ()) == ()
    assert held_grants(grants[:1], ("write", "admin")) == ()
    assert held_grants(grants, ("read", "admin")) == (Grant("a/#", ("read",)), Grant("b", ("read", "admin")))
    assert actions_of(("openid", "read", "email")) == ("read",)


def test_what_is_told_of_a_person_is_what_is_known() -> None:
    assert claims_of(User("u-1", "hana"), None) == {"preferred_username": "hana", "ial": 0}
    told = claims_of(User("u-1", "hana@a.test", "takamatsu", "花"), "372013")
    assert (told["email"], told["email_verified"], told["municipality_code"]) == ("hana@a.test", False, "372013")
    assert wanted_claims(("openid", "email"), ("name",)) == {"email", "email_verified", "name"}


def test_a_devices_code_is_read_however_it_is_typed() -> None:
    code = read_user_code(create_string_user_code()) or ""
    for typed in (code, code.lower(), shown(code), f" {code[:4]} {code[4:]} "):
        assert read_user_code(typed) == code
    for typed in ("", "AEIOUAEI", code + "B", code[:-1], "あ" * 8):
        assert read_user_code(typed) is None


@pytest.mark.parametrize(
    ("ui_locales", "accepted", "language"),
    [
        (None, None, "ja"),
        ("fr en", "ja", "en"),
        (None, "en-GB,en;q=0.9,ja;q=0.8", "en"),
        (None, "fr, ja;q=0.5, en;q=0.4", "ja"),
        (None, "en;q=x, *", "ja"),
    ],
)
def test_a_page_is_in_a_language_that_is_known(ui_locales: str | None, accepted: str | None, language: str) -> None:
    assert language_of(ui_locales, accepted) == language


def test_every_word_is_there_in_both_languages_with_the_same_gaps() -> None:
    for name, words in WORDS.items():
        assert set(words) == {"ja", "en"}, name
        assert words["ja"].count("{") == words["en"].count("{"), name
