"""Auth and the context broker together, shared by the tests of a file; each test has tenants of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.auth import register
from tests.support.hub import Hub, own_hub
from tests.support.patience import until
from tests.support.shared_broker import new_tenant


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub"), ("auth", "broker")) as running:
        yield running


@dataclass
class City:
    """A tenant of a test's own: its name, the operator at auth, and clients of the broker with some grants."""

    name: str
    hub: Hub
    operator: httpx.AsyncClient
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def grant(self, *actions: str, **more: Any) -> dict[str, Any]:
        """Return a grant in the tenant."""
        return {"tenant": self.name, "actions": list(actions), **more}

    async def caller(self, *grants: dict[str, Any], path: str | None = None) -> httpx.AsyncClient:
        """Return a client of the broker that sends a token with some grants, and the tenant's name."""
        login = await register(self.operator, {}, *grants)
        return await self.client(await self.hub.headers(login), path)

    async def client(self, headers: dict[str, str], path: str | None = None) -> httpx.AsyncClient:
        """Return a client of the broker that names the tenant."""
        named = {**headers, "Fiware-Service": self.name, **({} if path is None else {"Fiware-ServicePath": path})}
        return await self.stack.enter_async_context(self.hub.client("broker", named))

    async def put(self, **fields: Any) -> None:
        """Change the tenant, and wait until the broker knows: also of one that is created after that."""
        answer = await self.operator.put(f"/tenants/{self.name}", json=fields)
        assert answer.is_success, answer.text
        await City(new_tenant(), self.hub, self.operator, self.stack).create()

    async def create(self, **fields: Any) -> None:
        """Create the tenant, and wait until the broker knows."""
        assert (await self.operator.put(f"/tenants/{self.name}", json=fields)).status_code == 201
        master = await self.client(await self.hub.headers())

        async def is_known() -> bool:
            return (await master.get("/ngsi-ld/v1/types")).status_code == 200

        await until(is_known)


@pytest.fixture
async def new_city(hub: Hub) -> AsyncIterator[Callable[..., Any]]:
    """Make tenants, known to the broker when they are returned."""
    async with hub.client("auth", await hub.headers()) as operator, AsyncExitStack() as stack:

        async def make(**fields: Any) -> City:
            city = City(new_tenant(), hub, operator, stack)
            await city.create(**fields)
            return city

        yield make


@pytest.fixture
async def city(new_city: Callable[..., Any]) -> City:
    made: City = await new_city()
    return made
