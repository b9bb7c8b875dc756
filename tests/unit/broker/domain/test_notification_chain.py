"""Chains of notifications as correlators tell them."""

import pytest

from services.broker.domain.entity import Entity
from services.broker.domain.notification_chain import closes_circle, next_link


def room(identifier: str) -> Entity:
    """Make an entity."""
    return Entity(id=identifier, uri=f"urn:ngsi-ld:T:{identifier}", types=("T",), attrs={})


ONE, TWO = room("e1"), room("e2")


def test_notifications_are_counted() -> None:
    assert next_link("c") == "c; cbnotif=1"
    assert next_link(next_link("c")) == "c; cbnotif=2"
    assert next_link("c; node=x; cbnotif=9") == "c; node=x; cbnotif=10"


def test_a_chain_over_several_entities_is_known_when_it_comes_back() -> None:
    first = next_link("c", ONE)
    assert closes_circle(first, ONE)
    assert not closes_circle(first, TWO)
    second = next_link(first, TWO)
    assert second.startswith("c; cbnotif=2; of=")
    assert closes_circle(second, ONE)
    assert closes_circle(second, TWO)


def test_a_long_chain_stays_short_enough_to_be_passed_on() -> None:
    correlator = "9b2c7c1e-3f7e-4c56-8a0d-0123456789ab"
    for number in range(50):
        correlator = next_link(correlator, room(f"e{number}"))
    assert len(correlator) < 200
    assert closes_circle(correlator, room("e49"))


@pytest.mark.parametrize("correlator", ["", "c", "c; cbnotif=1", "c; of=00000000", "c; cbnotif=1; of=zz"])
def test_other_correlators_close_no_circle(correlator: str) -> None:
    assert not closes_circle(correlator, ONE)
