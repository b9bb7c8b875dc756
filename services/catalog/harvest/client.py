"""The guarded client: reads another catalogue without being led into the installation's own networks."""

import aiohttp

from services.kernel.errors import HubError
from services.kernel.fetch import MOST_REDIRECTS, GuardedClient, TooLarge, TooManyRedirects, read

_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=15)
_LARGEST = 64 * 1024 * 1024


class SourceFailure(HubError):
    """The other catalogue cannot be read"""


class SourceClient:
    """Gets documents by HTTP; every address, those of redirects too, passes the guard of outgoing requests."""

    def __init__(self, policy: str) -> None:
        self._client = GuardedClient(policy, timeout=_TIMEOUT, headers={"User-Agent": "hiroba-harvest"})

    async def __aenter__(self) -> "SourceClient":
        """Open the connections."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.__aexit__()

    async def get(self, url: str, accept: str) -> tuple[bytes, str]:
        """Return a document and its media type. Raises SourceFailure, EgressRefused."""
        try:
            return await self._get(url, accept)
        except TooManyRedirects:
            raise SourceFailure(f"The source redirects more than {MOST_REDIRECTS} times") from None
        except TooLarge:
            raise SourceFailure(f"The source answers with more than {_LARGEST} bytes in one piece") from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SourceFailure(f"The source does not answer: {type(error).__name__}") from error

    async def _get(self, url: str, accept: str) -> tuple[bytes, str]:
        async with self._client.get(url, {"Accept": accept}) as answer:
            if answer.status != 200:
                raise SourceFailure(f"The source answers {answer.status}")
            return await read(answer, _LARGEST), answer.content_type
