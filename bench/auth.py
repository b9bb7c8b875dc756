"""What access costs: decisions a second with 1,800 tenants' grants, and a retrieval with and without a token.

`python -m bench.auth` prints one JSON document. It needs PostgreSQL in HIROBA_TEST_DATABASE_URL, or starts its own.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from bench.face_call import call
from services.broker.main import create_api
from services.broker.settings import BrokerSettings
from services.kernel.errors import NotAllowed
from services.kernel.identity import AUDIENCE, TOKEN_TYPE, Grant, Principal, TokenVerifier
from services.kernel.identity.decision import Question, decide
from services.kernel.identity.policies import Policies
from services.kernel.identity.rules import Rules
from services.kernel.migrations import migrate
from tests.support.databases import clone, drop, prepare_template, running_server

TENANTS = 1800
ROUNDS = 7
CALLS = 1500
_POLICIES = """
@id("NAME-hours") forbid (principal, action, resource in Hiroba::Type::"Resident") when { context.hour < 8 };
@id("NAME-bus") permit (principal in Hiroba::Service::"walk", action, resource in Hiroba::Path::"/bus");
"""
_ISSUER = "http://auth.bench"
_URI = "urn:ngsi-ld:Gauge:1"


def decisions_per_second() -> dict[str, float]:
    """Decide for callers with grants in all tenants, in three, and over a subtree; half of the answers refuse."""
    chance = random.Random(7)
    names = [f"city_{number}" for number in range(TENANTS)]
    callers = {
        "three grants": [
            Principal("c", "c", tuple(Grant(n, ("read",), types=("Gauge",)) for n in part))
            for part in (chance.sample(names, 3) for _ in range(TENANTS))
        ],
        "1,800 grants": [Principal("c", "c", tuple(Grant(name, ("read",)) for name in names))],
        "a subtree": [Principal("c", "c", (Grant("prefecture/#", ("read",)),))],
    }
    rates = {kind: _decide(chosen, names, chance) for kind, chosen in callers.items()}
    return {**rates, "with policies in Cedar": _decide_by_policies(callers["1,800 grants"][0], names, chance)}


def _decide_by_policies(caller: Principal, names: list[str], chance: random.Random) -> float:
    """Decide where each tenant has policies of its own, every request asked before within the minute."""
    rules = {name: Rules(policies=Policies(_POLICIES.replace("NAME", name))) for name in names}
    asked = [(chance.choice(names), chance.choice(("read", "write"))) for _ in range(4000)]
    now = datetime.now(UTC)
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for tenant, action in asked:
            decide(caller, rules[tenant], Question(action, tenant, "/rivers", "Gauge"), now)
        rates.append(len(asked) / (time.process_time() - started))
    return statistics.median(rates)


def _decide(callers: list[Principal], names: list[str], chance: random.Random) -> float:
    questions = [(chance.choice(callers), chance.choice(names), chance.choice(("read", "write"))) for _ in range(4000)]
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for caller, tenant, action in questions:
            known = caller.within(tenant, (tenant, "prefecture"), ("read",)) if caller.reaches_down else caller
            try:
                known.require(action, tenant, ("/rivers",), ("Gauge",))
            except NotAllowed:
                continue
        rates.append(len(questions) / (time.process_time() - started))
    return statistics.median(rates)


async def retrieval_cost(database_url: str, directory: Path) -> dict[str, float]:
    """Return the microseconds of a retrieval without a token, with one that reaches all, and with one over a type."""
    settings = BrokerSettings(database_url=database_url, data_dir=directory, tenant_creation="on-write")
    api = create_api(settings)
    key = ECKey.generate_key("P-256", auto_kid=True)
    public = {"keys": [key.as_dict(private=False)]}

    async def keys() -> dict[str, Any]:
        return public

    api.state.verifier = TokenVerifier(_ISSUER, "http://127.0.0.1:9", is_open=True, keys=keys)
    async with api.router.lifespan_context(api):
        face = api.state.faces["ngsi-ld"]
        body = {"id": _URI, "type": "Gauge", "level": {"type": "Property", "value": 2.5}}
        status = await call(face, "POST", "/ngsi-ld/v1/entities", body=body)
        assert status == 201, status
        tokens = {
            "without a token": None,
            "a grant over the tenant": _token(key, {"tenant": "", "actions": ["read"]}),
            "a grant over a type": _token(key, {"tenant": "", "actions": ["read"], "types": ["Gauge"]}),
        }
        path = f"/ngsi-ld/v1/entities/{_URI}"
        return await _alternate({name: _retrieval(face, path, token) for name, token in tokens.items()})


def _retrieval(face: Any, path: str, token: str | None) -> Callable[[], Awaitable[int]]:
    async def retrieve() -> int:
        return await call(face, "GET", path, token=token)

    return retrieve


async def _alternate(work: dict[str, Callable[[], Awaitable[int]]]) -> dict[str, float]:
    """Measure kinds of work in turns, so that what else runs on the machine meets all of them; median in µs."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(CALLS):
        for name, act in work.items():
            started = time.perf_counter()
            status = await act()
            taken[name].append((time.perf_counter() - started) * 1e6)
            assert status == 200, (name, status)
    return {name: statistics.median(times[100:]) for name, times in taken.items()}


def _token(key: ECKey, grant: dict[str, Any]) -> str:
    now = int(time.time())
    claims = {"iss": _ISSUER, "sub": "c", "client_id": "c", "aud": AUDIENCE, "iat": now, "exp": now + 600, "rev": 0}
    header = {"alg": "ES256", "kid": key.kid, "typ": TOKEN_TYPE}
    return jwt.encode(header, {**claims, "grants": [grant]}, key)


async def main() -> None:
    """Measure and print."""
    with running_server() as server, tempfile.TemporaryDirectory() as directory:
        await prepare_template(server)
        url = await clone(server)
        await migrate(url, "broker")
        costs = await retrieval_cost(url, Path(directory))
        await drop(server, url)
    plain = costs["without a token"]
    added = {name: f"{(cost / plain - 1) * 100:+.1f} %" for name, cost in costs.items() if cost != plain}
    decisions = {name: round(rate) for name, rate in decisions_per_second().items()}
    shown = {name: round(cost) for name, cost in costs.items()}
    print(json.dumps({"decisions_per_s": decisions, "retrieval_us": shown, "added": added}, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
