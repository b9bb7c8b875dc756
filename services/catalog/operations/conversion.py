"""Turning an uploaded table into entities: ingest does it, in the name of who asks."""

from collections.abc import AsyncIterator, Mapping

import httpx

from services.catalog.domain.stored_file import StoredFile
from services.kernel.errors import Unavailable

_TIMEOUT = httpx.Timeout(30, read=120)


class Conversions:
    """Hands files to ingest."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def convert(
        self, file: StoredFile, caller: tuple[str, str | None], asked: Mapping[str, str], body: AsyncIterator[bytes]
    ) -> httpx.Response:
        """Send a file to `/imports` and return the answer. `caller`: tenant and token. Raises Unavailable."""
        tenant, authorization = caller
        headers = {"Content-Type": file.media_type}
        if tenant:
            headers["Fiware-Service"] = tenant
        if authorization:
            headers["Authorization"] = authorization
        content = b"".join([part async for part in body])
        try:
            return await self._client.post(
                "/imports", params={"name": file.name, **asked}, headers=headers, content=content, timeout=_TIMEOUT
            )
        except httpx.TransportError as error:
            raise Unavailable("Ingest is away") from error
