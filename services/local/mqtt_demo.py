"""The MQTT broker for machines without Mosquitto: amqtt, in a process of its own.

For demonstrations only: MQTT 3.1.1, no shared subscriptions, nothing is kept over a restart, and a message that
was not acknowledged is not sent again.
"""

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

_PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


async def serve(port: int) -> None:
    """Serve MQTT on loopback until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    listener = ListenerConfig(bind=f"127.0.0.1:{port}")
    broker = Broker(BrokerConfig(listeners={"default": listener}, plugins=dict(_PLUGINS)))
    await broker.start()
    await stopped.wait()
    await broker.shutdown()


def main() -> None:
    """Run the broker on the port that the command line names."""
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
