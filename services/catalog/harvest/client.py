"""The guarded client: reads another catalogue without being led into the installation's own networks."""

from urllib.parse import urljoin

import aiohttp

from services.kernel.egress import check_url, connector_arguments
from services.kernel.errors import HubError

_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=15)
_MOST_REDIRECTS = 5
_LARGEST = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


class SourceFailure(HubError):
    """The other catalogue cannot be read"""


class SourceClient:
    """Gets documents by HTTP; every address, those of redirects too, passes the guard of outgoing requests."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "SourceClient":
        """Open the connections."""
        connector = aiohttp.TCPConnector(limit=4, **connector_arguments(self._policy))
        self._session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, accept: str) -> tuple[bytes, str]:
        """Return a document and its media type. Raises SourceFailure, EgressRefused."""
        for _ in range(_MOST_REDIRECTS):
            check_url(url, self._policy)
            try:
                found = await self._once(url, accept)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                raise SourceFailure(f"The source does not answer: {type(error).__name__}") from error
            if not isinstance(found, str):
                return found
            url = urljoin(url, found)
        raise SourceFailure(f"The source redirects more than {_MOST_REDIRECTS} times")

    async def _once(self, url: str, accept: str) -> tuple[bytes, str] | str:
        """Return a document and its media type, or where a redirect leads."""
        assert self._session is not None
        headers = {"Accept": accept, "User-Agent": "hiroba-harvest"}
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            if answer.status in _REDIRECTS and "Location" in answer.headers:
                return answer.headers["Location"]
            if answer.status != 200:
                raise SourceFailure(f"The source answers {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > _LARGEST:
                    raise SourceFailure(f"The source answers with more than {_LARGEST} bytes in one piece")
            return bytes(body), answer.content_type
