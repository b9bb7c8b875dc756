"""Notifications over HTTP: guarded against private networks, redirects and endless answers."""

from collections.abc import Mapping
from functools import lru_cache

import aiohttp

from services.broker.notify.http_client import HttpClient
from services.broker.notify.message import Delivery, HttpMessage, Message
from services.kernel.egress import EgressRefused, check_url

_LONGEST_HEADERS = 16 * 1024
_LONGEST_REASON = 200


class HttpChannel:
    """Sends with one pool of connections. Any 2xx is success; redirects are not followed."""

    def __init__(self, policy: str, body_limit_bytes: int) -> None:
        self._policy = policy
        self._body_limit = body_limit_bytes
        self._client = HttpClient(policy)

    async def send(self, message: Message) -> Delivery:
        """Send one request; every failure is a Delivery."""
        assert isinstance(message, HttpMessage)
        if message.body is not None and len(message.body) > self._body_limit:
            reason = f"The notification is larger than {self._body_limit} bytes"
            return Delivery(is_success=False, reason=reason, hopeless=True)
        if _size(message.headers) > _LONGEST_HEADERS:
            reason = f"The headers are longer than {_LONGEST_HEADERS} bytes"
            return Delivery(is_success=False, reason=reason, hopeless=True)
        try:
            _check_url(message.url, self._policy)
            return await self._request(message)
        except EgressRefused as error:
            return Delivery(is_success=False, reason=error.detail, hopeless=True)
        except TimeoutError:
            return Delivery(is_success=False, reason=f"The receiver does not answer within {message.timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Delivery(is_success=False, reason=_reason(error))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _request(self, message: HttpMessage) -> Delivery:
        answer = await self._client.send(message)
        if 200 <= answer.status < 300:
            return Delivery(is_success=True, code=answer.status, response_bytes=answer.received)
        reason = f"The receiver answers {answer.status}"
        return Delivery(is_success=False, code=answer.status, reason=reason, response_bytes=answer.received)


@lru_cache(maxsize=20_000)
def _check_url(url: str, policy: str) -> None:
    check_url(url, policy)


def _size(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorError():
            return f"The receiver cannot be reached: {error.os_error.strerror or type(error.os_error).__name__}"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError() | ConnectionResetError():
            return "The receiver closes the connection"
        case _:
            return f"The request fails: {type(error).__name__}"[:_LONGEST_REASON]
