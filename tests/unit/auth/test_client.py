"""Clients: identifiers, secrets, and who is an administrator."""

import pytest

from services.auth.domain.client import (
    SERVICE_GRANTS,
    Client,
    is_reserved,
    new_client_id,
    new_secret,
    read_client_id,
    service_client_id,
)
from services.kernel.errors import BadData
from services.kernel.identity import Grant


@pytest.mark.parametrize("text", ["ab", "River", "-river", "river watch", "川", "r" * 65, "river\n", "a:b"])
def test_an_identifier_outside_the_rule_is_refused(text: str) -> None:
    with pytest.raises(BadData):
        read_client_id(text)


def test_made_up_identifiers_keep_to_the_rule_and_differ() -> None:
    made = {read_client_id(new_client_id()) for _ in range(50)}
    assert len(made) == 50


def test_a_secret_has_256_bits_in_letters_that_need_no_escaping() -> None:
    secret = new_secret()
    assert len(secret) == 43
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert secret != new_secret()


def test_the_hubs_own_identifiers_are_reserved() -> None:
    assert all(is_reserved(service_client_id(name)) for name in SERVICE_GRANTS)
    assert is_reserved("administrator")
    assert not is_reserved("river-watch")


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client("a", "", grants=(Grant("*", ("*",)),)), True),
        (Client("a", "", grants=(Grant("x", ("admin",)), Grant("*", ("admin",)))), True),
        (Client("a", "", grants=(Grant("x", ("*",)),)), False),
        (Client("a", "", grants=(Grant("*", ("*",), "/x"),)), False),
        (Client("a", "", grants=(Grant("*", ("read",)),)), False),
        (Client("a", "", status="suspended", grants=(Grant("*", ("*",)),)), False),
    ],
)
def test_an_administrator_is_active_and_administers_all_tenants(client: Client, expected: object) -> None:
    assert client.is_administrator is expected


def test_no_service_of_the_hub_administers_anything() -> None:
    assert not any(Client("s", "", grants=grants).is_administrator for grants in SERVICE_GRANTS.values())
