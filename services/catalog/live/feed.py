"""Follows what the context broker tells of entity types: a long poll of its feed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from services.catalog.domain.dataset import Live
from services.catalog.domain.freshness_entity import FRESHNESS_TYPE
from services.catalog.domain.live_statistics import LiveAttribute, LiveStatistics
from services.catalog.domain.observation import Observation
from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import Unavailable

WAIT_S = 20.0
LONGEST_BREAK_S = 60.0
_FIRST_BREAK_S = 1.0
_MOST_DOUBLINGS = 32
_TIMEOUT_S = 30.0
_LONGEST_TYPE = 500
_AWAY = (httpx.HTTPError, Unavailable, ValueError, KeyError, TypeError)
_log = logging.getLogger("hiroba.catalog.live")


class FollowedLiveTypes:
    """Follows `/export/types`; asks again `interval_s` after each answer, so that a busy tenant costs little.

    While the broker is away or refuses, the pauses grow from a second to a minute; nothing is taken for gone then.
    """

    def __init__(self, client: httpx.AsyncClient, credentials: ServiceCredentials, interval_s: float) -> None:
        self._client = client
        self._credentials = credentials
        self._interval_s = interval_s
        self._position = 0

    async def observations(self) -> AsyncIterator[Observation]:
        """Yield the types of each tenant whose entities changed; all tenants at first; endless."""
        failures = 0
        while True:
            try:
                page = await self._ask()
                observations = [_observation(each) for each in page["tenants"]]
                position = int(page["position"])
                failures, pause_s = 0, self._interval_s
            except _AWAY as error:
                pause_s = min(min(_FIRST_BREAK_S, self._interval_s) * 2**failures, LONGEST_BREAK_S)
                failures = min(failures + 1, _MOST_DOUBLINGS)
                fields = {"reason": repr(error), "pause_s": pause_s}
                _log.info("The context broker's types cannot be read", extra=fields)
            else:
                for observation in observations:
                    yield observation
                self._position = 0 if position < self._position else position
            await asyncio.sleep(pause_s)

    async def _ask(self) -> Mapping[str, Any]:
        parameters = {"after": self._position, "wait_s": WAIT_S}
        headers = await self._credentials.headers()
        answer = await self._client.get("/export/types", params=parameters, headers=headers, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        body: Mapping[str, Any] = answer.json()
        return body


def _observation(told: Mapping[str, Any]) -> Observation:
    types = [each for each in told["types"] if _is_data(each)]
    return Observation(told["tenant"], tuple(map(_live, types)), {each["id"]: _statistics(each) for each in types})


def _is_data(told: Mapping[str, Any]) -> bool:
    """Tell whether a type makes a data set; the catalogue's own entities about data sets do not."""
    return len(str(told["id"])) <= _LONGEST_TYPE and told["name"] != FRESHNESS_TYPE


def _live(told: Mapping[str, Any]) -> Live:
    return Live(told["id"], told["name"], tuple(sorted(each["name"] for each in told["attributes"])), told["entities"])


def _statistics(told: Mapping[str, Any]) -> LiveStatistics:
    changed_at, bounds = told["modified_at"], told["bounds"]
    return LiveStatistics(
        told["entities"],
        tuple(_attributes(told["attributes"])),
        (bounds[0], bounds[1], bounds[2], bounds[3]) if bounds else None,
        datetime.fromisoformat(changed_at) if changed_at else None,
    )


def _attributes(told: list[Mapping[str, Any]]) -> Iterator[LiveAttribute]:
    for each in sorted(told, key=lambda one: str(one["name"])):
        lists = {name: tuple(each[name]) for name in ("kinds", "values", "units", "types", "languages")}
        yield LiveAttribute(each["id"], each["name"], each["entities"], **lists, is_observed=each["is_observed"])
