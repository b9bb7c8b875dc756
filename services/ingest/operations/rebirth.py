"""Asking Sparkplug nodes for their births, where the names of their metrics are not known."""

import logging
import time
from collections import OrderedDict

from services.ingest.codecs.sparkplug import rebirth_request
from services.ingest.operations.courier import Publisher

_PAUSE_S = 60.0
_MOST_NODES = 10_000
_log = logging.getLogger("hiroba.ingest.mqtt")


class Rebirths:
    """Asks a node at most once a minute."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def ask(self, group: str, sender: str) -> None:
        """Ask the node of a sender (`<node>` or `<node>/<device>`) to tell its metrics again."""
        node = group, sender.partition("/")[0]
        now = time.monotonic()
        if now - self._asked.get(node, -_PAUSE_S) < _PAUSE_S:
            return
        self._asked[node] = now
        self._asked.move_to_end(node)
        while len(self._asked) > _MOST_NODES:
            self._asked.popitem(last=False)
        try:
            topic = f"spBv1.0/{node[0]}/NCMD/{node[1]}"
            await self._publisher.publish(topic, rebirth_request(int(time.time() * 1000)), 0, retain=False)
        except OSError as error:
            _log.warning("A node cannot be asked for its birth", extra={"reason": str(error)})
