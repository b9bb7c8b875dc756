"""Notifications over HTTP: guarded against private networks, redirects and endless answers."""

import asyncio
from collections.abc import Mapping

import aiohttp
from yarl import URL

from services.broker.notify.message import Delivery, HttpMessage, Message
from services.broker.operations.egress import EgressRefused, check_url, connector_arguments

_LONGEST_ANSWER = 64 * 1024
_LONGEST_HEADERS = 16 * 1024
_CONNECTIONS = 512
_CONNECTIONS_PER_HOST = 64
_LONGEST_REASON = 200


class HttpChannel:
    """Sends with one pool of connections. Any 2xx is success; redirects are not followed."""

    def __init__(self, policy: str, body_limit_bytes: int) -> None:
        self._policy = policy
        self._body_limit = body_limit_bytes
        connector = aiohttp.TCPConnector(
            limit=_CONNECTIONS, limit_per_host=_CONNECTIONS_PER_HOST, **connector_arguments(policy)
        )
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )

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
            check_url(message.url, self._policy)
            return await self._request(message)
        except EgressRefused as error:
            return Delivery(is_success=False, reason=error.detail, hopeless=True)
        except TimeoutError:
            return Delivery(is_success=False, reason=f"The receiver does not answer within {message.timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Delivery(is_success=False, reason=_reason(error))

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _request(self, message: HttpMessage) -> Delivery:
        timeout = aiohttp.ClientTimeout(total=message.timeout_s)
        async with self._session.request(
            message.method,
            URL(message.url),
            data=message.body,
            headers=message.headers,
            allow_redirects=False,
            timeout=timeout,
        ) as answer:
            received = await _drain(answer)
            if 200 <= answer.status < 300:
                return Delivery(is_success=True, code=answer.status, response_bytes=received)
            reason = f"The receiver answers {answer.status}"
            return Delivery(is_success=False, code=answer.status, reason=reason, response_bytes=received)


async def _drain(answer: aiohttp.ClientResponse) -> int:
    """Read a short answer so that the connection can be used again; close it on a long one. Return what was read."""
    received = 0
    async for chunk in answer.content.iter_any():
        received += len(chunk)
        if received > _LONGEST_ANSWER:
            answer.close()
            break
    return received


def _size(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"The receiver cannot be reached: {error.os_error.strerror or type(error.os_error).__name__}"
    if isinstance(error, asyncio.IncompleteReadError | aiohttp.ServerDisconnectedError):
        return "The receiver closes the connection"
    return f"The request fails: {type(error).__name__}"[:_LONGEST_REASON]
