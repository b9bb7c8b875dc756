"""The context broker over HTTP: NGSI-LD batch upsert (clause 5.6.8, options=update)."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from services.ingest.sink.port import BatchRefused, EntityBatch, SinkAway, SinkFails, Written
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

_PATH = "/ngsi-ld/v1/entityOperations/upsert"
_TRY_AGAIN = frozenset({401, 403, 408, 425, 429})  # what our own token or the load causes, never the entities
_LONGEST_DETAIL = 500


class HttpSink:
    """Writes batches to the broker; one session keeps the connections."""

    def __init__(self, broker_url: str, credentials: ServiceCredentials, timeout_s: float) -> None:
        self._url = broker_url.rstrip("/")
        self._credentials = credentials
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def write(self, batch: EntityBatch) -> Written:
        """Write one batch. Raises BatchRefused, SinkAway, SinkFails."""
        body = orjson.dumps(batch.entities)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": batch.key,
            "NGSILD-Path": batch.path,
            **({"Idempotency-Items": ",".join(batch.keys)} if any(batch.keys) else {}),
            **({"NGSILD-Tenant": batch.tenant} if batch.tenant else {}),
        }
        try:
            headers.update(await self._credentials.headers())
            url = f"{self._url}{_PATH}?options=update"
            async with self._opened().post(url, data=body, headers=headers) as answer:
                return _read(answer.status, await answer.read())
        except (TimeoutError, aiohttp.ClientError, OSError, Unavailable) as error:
            raise SinkAway(f"The broker does not answer: {error!r:.200}") from error

    async def is_reachable(self) -> bool:
        """Tell whether the broker is ready."""
        try:
            timeout = aiohttp.ClientTimeout(total=2)
            async with self._opened().get(f"{self._url}/health/ready", timeout=timeout) as answer:
                return answer.status == 200
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _read(status: int, body: bytes) -> Written:
    if status == 204:
        return Written()
    if status == 201:
        return Written(created=frozenset(map(str, _json(body, list))))
    if status == 207:
        errors = _json(body, dict).get("errors") or []
        return Written(errors=[(str(each.get("entityId", "")), _words(each.get("error"))) for each in errors])
    if status == 500:
        raise SinkFails(f"The broker fails with 500: {_excerpt(body)}")
    if status > 500 or status in _TRY_AGAIN:
        raise SinkAway(f"The broker answers {status}: {_excerpt(body)}")
    if 400 <= status < 500:
        raise BatchRefused(_words(_json(body, dict)) or f"The broker answers {status}")
    raise SinkAway(f"The broker answers {status}, which is not in the protocol")


def _json(body: bytes, kind: type) -> Any:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, kind) else kind()


def _words(problem: object) -> str:
    if isinstance(problem, Mapping):
        words = [str(problem[name]) for name in ("title", "detail") if problem.get(name)]
        return ": ".join(words)[:_LONGEST_DETAIL]
    return str(problem or "")[:_LONGEST_DETAIL]


def _excerpt(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace")
