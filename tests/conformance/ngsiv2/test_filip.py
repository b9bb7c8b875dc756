"""A client that others wrote, filip's, against a running context broker, in an environment of its own.

`HIROBA_TEST_FILIP` names a Python that has filip installed (its dependencies are not those of the project).
"""

import subprocess
import textwrap

import pytest

from tests.conftest import FILIP
from tests.support.shared_broker import new_tenant

_SCRIPT = textwrap.dedent(
    """
    import sys
    from filip.clients.ngsi_v2 import ContextBrokerClient
    from filip.models.base import FiwareHeader
    from filip.models.ngsi_v2.context import ContextEntity, NamedContextAttribute
    from filip.models.ngsi_v2.subscriptions import Subscription

    header = FiwareHeader(service=sys.argv[2], service_path="/tests")
    with ContextBrokerClient(url=sys.argv[1], fiware_header=header) as client:
        assert "version" in client.get_version()["orion"]
        room = ContextEntity(id="room1", type="Room", temperature={"value": 22.0, "type": "Number"})
        client.post_entity(room)
        assert client.get_entity("room1").temperature.value == 22
        client.post_entity(room, update=True)
        client.update_attribute_value(entity_id="room1", attr_name="temperature", value=23)
        assert client.get_attribute_value("room1", "temperature") == 23
        client.update_or_append_entity_attributes(
            "room1", [NamedContextAttribute(name="name", type="Text", value="Hall")], entity_type="Room"
        )
        assert client.get_entity("room1").name.value == "Hall"
        more = [ContextEntity(id=f"room{n}", type="Room", temperature={"value": n, "type": "Number"}) for n in (2, 3)]
        client.update(entities=more, action_type="append")
        assert [each.id for each in client.get_entity_list(q="temperature<10")] == ["room2", "room3"]
        assert client.get_entity_types()[0]["count"] == 3
        subject = {"entities": [{"idPattern": ".*", "type": "Room"}]}
        notification = {"http": {"url": "http://127.0.0.1:9/"}}
        identifier = client.post_subscription(Subscription(subject=subject, notification=notification))
        assert client.get_subscription(identifier).subject.entities[0].type == "Room"
        assert len(client.get_subscription_list()) == 1
        client.delete_subscription(identifier)
        client.update(entities=[ContextEntity(id=each.id, type=each.type) for each in more], action_type="delete")
        client.delete_entity("room1", entity_type="Room")
        assert client.get_entity_list() == []
    print("done")
    """
)


@pytest.mark.needs("filip")
def test_filip_works_with_entities_batches_types_and_subscriptions(broker_url: str) -> None:
    command = [FILIP, "-c", _SCRIPT, broker_url, new_tenant()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip().endswith("done"), ran.stderr[-3000:]
