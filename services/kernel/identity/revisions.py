"""Which tokens are outdated: their subject's grants have changed since they were issued."""

import logging
from collections.abc import Callable, Collection, Mapping

import httpx

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import HubError
from services.kernel.http_client import http_client
from services.kernel.identity.principal import Principal
from services.kernel.patience import Patience

_WAIT_S = 20
_AWAY = (httpx.HTTPError, HubError, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.identity")


class Revisions:
    """What auth's policy feed has told: the position of each subject's last change."""

    def __init__(self) -> None:
        self._changed: dict[str, int] = {}
        self._watchers: list[Callable[[Collection[str]], None]] = []

    def watch(self, told: Callable[[Collection[str]], None]) -> None:
        """Have a function told of the subjects that change, from now on."""
        self._watchers.append(told)

    def is_outdated(self, principal: Principal) -> bool:
        """Tell whether a token has ended: revoked, or its caller's grants have changed since it was issued."""
        if not self._changed or principal.revision is None:
            return False
        changed = self._changed
        names = (principal.subject, principal.client_id, principal.token_id, principal.authorization_id)
        return max(changed.get(name, 0) for name in names) > principal.revision

    def take(self, changes: Mapping[str, int]) -> None:
        """Take changes into account."""
        self._changed.update(changes)
        for told in self._watchers if changes else ():
            told(changes.keys())

    async def follow(self, auth_url: str, credentials: ServiceCredentials) -> None:
        """Keep to auth's policy feed until cancelled. While auth is away, what is known stays."""
        position, patience = 0, Patience()
        async with http_client(auth_url, _WAIT_S + 10) as client:
            while True:
                try:
                    position = await self._take(client, credentials, position)
                    patience.met()
                except _AWAY as error:
                    _log.debug("The policy feed is away", extra={"reason": repr(error)})
                    await patience.wait()

    async def _take(self, client: httpx.AsyncClient, credentials: ServiceCredentials, position: int) -> int:
        parameters = {"after": position, "wait_s": _WAIT_S}
        answer = await client.get("/feed/policies", params=parameters, headers=await credentials.headers())
        answer.raise_for_status()
        body = answer.json()
        reached = int(body["position"])
        if reached < position:  # the feed has begun anew
            self._changed.clear()
            return 0
        self.take({str(each["subject"]): int(each["position"]) for each in body["changes"]})
        return reached
