"""The context broker's parts as one value, built at start-up and given to every operation."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import asyncpg

from services.broker.domain.view import View
from services.broker.operations.attribute_indexes import KnownIndexes
from services.broker.operations.log_watch import LogWatch
from services.broker.operations.lookups import Lookups
from services.broker.operations.own_source import OwnSource
from services.broker.operations.provider_session import ProviderSession
from services.broker.operations.registration_cache import RegistrationCache
from services.broker.operations.transience import NextExpiries
from services.broker.operations.type_watch import TypeWatch
from services.broker.operations.v2_figures import V2Figures
from services.broker.operations.v2_log_settings import V2LogSettings
from services.broker.operations.v2_registration_cache import V2RegistrationCache
from services.kernel.audit import Trail
from services.kernel.clock import Clock
from services.kernel.identity import Principal
from services.kernel.metering import Meter
from services.kernel.ratelimit import Limiter
from services.kernel.seal import Seal
from services.kernel.tenancy import TenantDirectory

if TYPE_CHECKING:
    from services.broker.operations.contexts import Contexts
    from services.broker.operations.writer import Writer
    from services.broker.settings import BrokerSettings

_EXPORTS_AT_ONCE: Final = 2
"""Pages of exports that one process makes at a time, however many read: queries keep their connections."""


@dataclass(frozen=True)
class Broker:
    """What the operations work with, as one caller has it.

    `pool` serves writes and look-ups by id; `query_pool` serves queries, planned anew for their values. `seal` closes
    the secrets of subscribers. `alias` tells this installation from others that it
    forwards to, the same in all its processes. `view` is what the caller may see, None for everything; `caller` is its
    client, and `maker` the caller itself where it makes what lasts.
    """

    settings: "BrokerSettings"
    pool: asyncpg.Pool
    query_pool: asyncpg.Pool
    tenants: TenantDirectory
    contexts: "Contexts"
    writer: "Writer"
    clock: Clock
    seal: Seal
    own_source: OwnSource
    v2_registrations: V2RegistrationCache = field(default_factory=V2RegistrationCache)
    provider_session: ProviderSession = field(default_factory=ProviderSession)
    v2_figures: V2Figures = field(default_factory=V2Figures)
    v2_log_settings: V2LogSettings = field(default_factory=V2LogSettings)
    registrations: RegistrationCache = field(default_factory=RegistrationCache)
    expiries: NextExpiries = field(default_factory=NextExpiries)
    lookups: Lookups = field(default_factory=Lookups)
    indexes: KnownIndexes = field(default_factory=KnownIndexes)
    log_watch: LogWatch = field(default_factory=LogWatch)
    type_watch: TypeWatch = field(default_factory=TypeWatch)
    export_turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_EXPORTS_AT_ONCE))
    alias: str = "hiroba"
    meter: Meter = field(default_factory=Meter)
    limiter: Limiter = field(default_factory=Limiter)
    trail: Trail = field(default_factory=Trail)
    view: View | None = None
    caller: str = ""
    maker: Principal | None = None
