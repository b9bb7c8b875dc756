"""The MQTT broker of the local profile: Mosquitto where it is installed, else amqtt, for demonstrations only."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from services.local.child import Command
from services.local.privileges import own, unprivileged

_PLACES = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto")


@dataclass(frozen=True)
class MqttBroker:
    """How to run an MQTT broker, and what to call it on the screen."""

    command: Command
    label: str


def find_mosquitto() -> str | None:
    """Return the path of Mosquitto, None where it is not installed."""
    return shutil.which("mosquitto") or next((place for place in _PLACES if Path(place).is_file()), None)


def choose_broker(port: int, directory: Path) -> MqttBroker:
    """Prepare the MQTT broker that this machine offers; its state and log lie in `directory`."""
    mosquitto = find_mosquitto()
    log = directory / "logs" / "mqtt.log"
    if mosquitto is None:
        arguments = [sys.executable, "-m", "services.local.mqtt_demo", str(port)]
        return MqttBroker(Command("mqtt", arguments, log=log), "amqtt, for demonstrations only")
    own(directory / "mqtt")
    file = directory / "mosquitto.conf"
    file.write_text(mosquitto_configuration(port, directory / "mqtt"))
    return MqttBroker(Command("mqtt", unprivileged([mosquitto, "-c", str(file)]), log=log), "Mosquitto")


def mosquitto_configuration(port: int, directory: Path) -> str:
    """Write a configuration against the defaults with which Mosquitto loses messages.

    By default it queues 1,000 messages for a slow reader and drops the rest, lets a reader hold 20 without
    acknowledgement, and writes what it holds every half hour. Messages of the last second are still lost if
    it is killed.
    """
    return f"""\
# Written anew by every `hiroba up`.
listener {port} 127.0.0.1
allow_anonymous true
max_inflight_messages 2000
max_queued_messages 0
persistence true
persistence_location {directory}/
autosave_interval 1
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
"""
