"""Who is subscribed to what in the benchmark of notifications: a city's gauges and its subscribers.

Half of the gauges are subscribed to by their ids. The others have fifty subscriptions to each of their types, of which
the filter of one holds for a gauge: whoever matches an update of these decides fifty filters.
"""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any

import asyncpg
import orjson

from bench.load import connect, request_bytes

TENANT = ""
_VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"
_PER_TYPE = 50
_CLIENTS = 16
_JSON = {"content-type": "application/json"}
_GAUGES = f"""
insert into entity (tenant_id, id, type, uri, attrs, created_at, modified_at)
select $1, uri, '{_VOCABULARY}' || kind, uri,
    jsonb_build_object(
        '{_VOCABULARY}level', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', 0)),
        '{_VOCABULARY}name', jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', '観測所 ' || n)),
        '{_VOCABULARY}river',
        jsonb_build_array(jsonb_build_object('kind', 'Property', 'value', '川' || n % {_PER_TYPE})),
        '{_VOCABULARY}owner',
        jsonb_build_array(jsonb_build_object('kind', 'Relationship', 'value', 'urn:ngsi-ld:City:1'))
    ), now(), now()
from (
    select n, 'urn:ngsi-ld:Gauge:' || n as uri,
        'Gauge' || case when n * 2 < $2 then 0 else 1 + n / {_PER_TYPE} end as kind
    from generate_series(0, $2::integer - 1) as n
) as numbered
"""


def uri(number: int) -> str:
    """Return the id of a gauge."""
    return f"urn:ngsi-ld:Gauge:{number}"


def subscription(
    face: str, entities: list[dict[str, str]], url: str, q: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the path and the body of a subscription to the level of entities."""
    if face == "ngsi-ld":
        body: dict[str, Any] = {"type": "Subscription", "watchedAttributes": ["level"]}
        if entities:
            body["entities"] = entities
        body |= {"notification": {"endpoint": {"uri": url, "accept": "application/json"}}}
        return "/ngsi-ld/v1/subscriptions", body if q is None else {**body, "q": q}
    condition: dict[str, Any] = {"attrs": ["level"]}
    if q is not None:
        condition["expression"] = {"q": q.replace('"', "'")}
    subject = {"entities": [each if "id" in each else {**each, "idPattern": ".*"} for each in entities]}
    return "/v2/subscriptions", {
        "subject": {**subject, "condition": condition},
        "notification": {"http": {"url": url}},
    }


def one_each(count: int, face: str, ports: list[int]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield a subscription for each gauge, spread over the receivers; its path is the gauge's number."""
    for number, port in zip(range(count), itertools.cycle(ports), strict=False):
        url = f"http://127.0.0.1:{port}/{number}"
        if number * 2 < count:
            yield subscription(face, [{"id": uri(number), "type": "Gauge0"}], url)
        else:
            kind = {"type": f"Gauge{1 + number // _PER_TYPE}"}
            yield subscription(face, [kind], url, f'river=="川{number % _PER_TYPE}"')


async def load_gauges(url: str, count: int) -> None:
    """Create the default tenant and gauges, straight in the tables."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"}, timeout=60)
    try:
        await connection.execute("insert into tenant (name) values ('') on conflict do nothing")
        tenant_id = await connection.fetchval("select tenant_id from tenant where name = ''")
        await connection.execute("select make_history_partitions(1)")
        await connection.execute(_GAUGES, tenant_id, count)
        await connection.execute("vacuum analyze entity")
    finally:
        await connection.close()


async def subscribe(port: int, subscriptions: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Create subscriptions through the broker. Raises RuntimeError where one is refused."""
    remaining = iter(subscriptions)

    async def keep_subscribing() -> None:
        connection = await connect(port)
        for path, body in remaining:
            status = await connection.ask(request_bytes("POST", path, _JSON, orjson.dumps(body)))
            if status != 201:
                raise RuntimeError(f"A subscription is refused with {status}: {body}")
        connection.close()

    await asyncio.gather(*(keep_subscribing() for _ in range(_CLIENTS)))


async def unsubscribe_all(url: str) -> None:
    """Delete all subscriptions and what they have not been told, straight in the tables."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"}, timeout=60)
    try:
        for table in ("subscription", "lane", "outbox", "dead_letter"):
            await connection.execute(f"delete from {table}")
        await connection.execute("update tenant_version set subscriptions = subscriptions + 1")
        await connection.execute("vacuum analyze subscription, lane, outbox")
    finally:
        await connection.close()


async def pending(url: str) -> int:
    """Return how many notifications wait."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "broker"}, timeout=60)
    try:
        return int(await connection.fetchval("select count(*) from outbox"))
    finally:
        await connection.close()
