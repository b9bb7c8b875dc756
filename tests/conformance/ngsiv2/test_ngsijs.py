"""A client that others wrote, ngsijs, against a running context broker: all its NGSIv2 operations but one.

`HIROBA_TEST_NGSIJS` names its main file. It has an updateRegistration, which Orion answers with 405 as we do.
"""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import NGSIJS
from tests.support.shared_broker import new_tenant

_SCRIPT = Path(__file__).with_name("ngsijs_client.js")


@pytest.mark.needs("node", "ngsijs")
def test_ngsijs_works_with_entities_types_batches_subscriptions_and_registrations(broker_url: str) -> None:
    command = ["node", str(_SCRIPT), NGSIJS, f"{broker_url}/", new_tenant()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "done", ran.stderr[-3000:]
