"""The parts of sending, opened together."""

import contextlib
from collections.abc import AsyncIterator

from services.broker.domain.subscription import SubscriptionFace
from services.broker.notify.http_channel import HttpChannel
from services.broker.notify.ld_renderer import LdRenderer
from services.broker.notify.message import Renderer
from services.broker.notify.mqtt_channel import MqttChannel
from services.broker.notify.sender import Sender
from services.broker.notify.v2_renderer import V2Renderer
from services.broker.operations.broker import Broker


@contextlib.asynccontextmanager
async def open_sender(broker: Broker) -> AsyncIterator[Sender]:
    """Open the channels for as long as the block runs."""
    settings = broker.settings
    http = HttpChannel(settings.egress, settings.notify_limit_bytes)
    mqtt = MqttChannel(settings.egress, settings.notify_limit_bytes)
    renderers: dict[SubscriptionFace, Renderer] = {
        SubscriptionFace.NGSI_LD: LdRenderer(broker),
        SubscriptionFace.NGSIV2: V2Renderer(broker),
    }
    try:
        yield Sender(renderers, http, mqtt, broker.v2_figures)
    finally:
        await mqtt.close()
        await http.close()
