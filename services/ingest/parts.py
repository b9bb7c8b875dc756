"""The parts of a running ingest, put together once."""

import asyncio
import contextlib
import logging
import socket
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.codecs.payload import Limits
from services.ingest.connectors.fetching import Fetcher
from services.ingest.connectors.fetching import Limits as FetchLimits
from services.ingest.connectors.following import FollowingFetcher
from services.ingest.domain.instant import find_zone
from services.ingest.feeds.shelf import FeedShelf, load_feeds
from services.ingest.importing.shelf import MappingShelf, load_mappings
from services.ingest.mqtt.questions import MqttQuestions
from services.ingest.mqtt.receiver import MqttReceiver
from services.ingest.mqtt.target import MqttTarget
from services.ingest.operations.allowance import Allowance
from services.ingest.operations.asking import Asking, AskingRule
from services.ingest.operations.commanding import Commanding
from services.ingest.operations.configuring import Configuring
from services.ingest.operations.connecting import Connecting, ConnectorParts
from services.ingest.operations.connections import Connection
from services.ingest.operations.corrections import Correcting, EntityStore
from services.ingest.operations.courier import Courier
from services.ingest.operations.document import Opener
from services.ingest.operations.exporting import Exporting
from services.ingest.operations.figures import Figures
from services.ingest.operations.imports import LEASE, Importing, ImportStores
from services.ingest.operations.inbox import Inbox
from services.ingest.operations.intake import BatchRule, Intake
from services.ingest.operations.lanes import Lanes
from services.ingest.operations.liveness import Liveness
from services.ingest.operations.obligation import Obligation
from services.ingest.operations.patience import until_stored
from services.ingest.operations.provisioning import Provisioning
from services.ingest.operations.rebirth import Rebirths
from services.ingest.operations.registering import OfferStores, Registering
from services.ingest.operations.registry import Registry
from services.ingest.operations.submission import Submission
from services.ingest.operations.telling import Telling
from services.ingest.operations.writing import Writer
from services.ingest.settings import IngestSettings
from services.ingest.sink.http import HttpSink
from services.ingest.sink.port import EntitySink
from services.ingest.sink.reading import HttpEntities
from services.ingest.sink.registrations import HttpRegistrations
from services.ingest.sink.values import HttpReader
from services.ingest.store.commanded import CommandedStore
from services.ingest.store.commands import CommandStore
from services.ingest.store.connectors import ConnectorStore
from services.ingest.store.devices import DeviceStore
from services.ingest.store.groups import GroupStore
from services.ingest.store.jobs import JobStore
from services.ingest.store.letters import LetterStore
from services.ingest.store.mappings import MappingStore
from services.ingest.store.refusals import RefusalStore
from services.ingest.store.registry import RegistryStore
from services.ingest.store.runs import RunStore
from services.ingest.store.series import SeriesStore
from services.ingest.store.sources import SourceStore
from services.ingest.store.states import StateStore
from services.ingest.store.subscriptions import SubscriptionStore
from services.ingest.store.turn import Turn
from services.kernel.app import background
from services.kernel.audit import Journal, Trail
from services.kernel.clock import Clock, system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.identity import TokenVerifier
from services.kernel.metering import Ledger, Meter
from services.kernel.postgres import is_reachable, open_engine, open_pool
from services.kernel.ratelimit import Limiter, Sharing
from services.kernel.seal import Seal, read_seal
from services.kernel.tenancy import TenantDirectory

SCHEMA = "ingest"
_TENANT_CONNECTIONS = 2
_MOST_WAITING = 5000
_STOP_S = 8.0
_PURGE_EVERY_S = 600
_SERIES_KEPT = timedelta(days=90)
_log = logging.getLogger("hiroba.ingest")


class Parts:
    """What the routes and the background work share, from `running` on."""

    provisioning: Provisioning
    submission: Submission
    importing: Importing
    receiver: MqttReceiver
    tenants: TenantDirectory
    letters: LetterStore
    runs: RunStore
    jobs: JobStore
    refusals: RefusalStore
    own_mappings: MappingStore
    correcting: Correcting
    seal: Seal
    connectors: ConnectorStore
    connecting: Connecting
    registry: Registry
    commanding: Commanding
    courier: Courier
    asking: Asking
    obligation: Obligation
    configuring: Configuring
    registering: Registering
    states: StateStore
    sources: SourceStore
    liveness: Liveness
    figures: Figures
    meter: Meter
    limiter: Limiter
    trail: Trail
    verifier: TokenVerifier

    def __init__(self, settings: IngestSettings, sink: EntitySink | None = None) -> None:
        self.settings = settings
        self.clock: Clock = system_clock
        self.mappings: MappingShelf = load_mappings()
        self.feeds: FeedShelf = load_feeds()
        self.limits = Limits(settings.ingest_payload_limit_bytes, settings.ingest_depth_limit)
        fetched = FetchLimits(settings.ingest_fetch_timeout_s, settings.ingest_import_limit_bytes)
        self.fetcher: Fetcher = FollowingFetcher(settings.egress, fetched)
        self.zone = find_zone(settings.ingest_timezone)
        self.exporting = Exporting(HttpEntities(settings.broker_url, settings.ingest_broker_timeout_s))
        self.failed = asyncio.Event()
        self.connections = {
            "contextBroker": Connection(self.is_broker_ready),
            "mqtt": Connection(self.is_mqtt_ready),
            "database": Connection(self.is_database_ready),
        }
        self._given_sink = sink
        self._intake: asyncio.Future[None] | None = None
        self._pool: asyncpg.Pool | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open everything, take in measures beside the block, and at its end finish the batch under way."""
        settings = self.settings
        credentials = ServiceCredentials(settings.auth_url, settings.client_id, settings.client_secret)
        self._credentials = credentials
        self._sink = self._given_sink or HttpSink(settings.broker_url, credentials, settings.ingest_broker_timeout_s)
        self._reader = HttpReader(settings.broker_url, credentials)
        self._pool = await open_pool(settings.database_url, schema=SCHEMA, size=_TENANT_CONNECTIONS)
        size = max(2, settings.database_pool - _TENANT_CONNECTIONS)
        engine = open_engine(settings.database_url, schema=SCHEMA, size=size)
        inbox = Inbox(asyncio.get_running_loop())
        intake = self._assemble(engine, inbox)
        self._intake = asyncio.ensure_future(intake.run(inbox, self._rule()))
        self._intake.add_done_callback(self._note_end)
        try:
            follow = self.tenants.follow(settings.auth_url, credentials)
            usage = Ledger(self._pool, self.meter, {"device": "devices"}).run(settings.auth_url, credentials)
            limits = Sharing(self._pool, self.limiter).run()
            journal = Journal(SCHEMA, self._pool, self.trail).run(settings.auth_url, credentials)
            commands = (self.registering.run(), self.courier.run(), self.liveness.run())
            documents = (self.importing.run(), self.connecting.run())
            taking = (self._turn.run(), self.receiver.run(), self.configuring.run())
            async with background(follow, self._purge(), *taking, usage, limits, journal, *commands, *documents):
                yield
                inbox.close()
                await asyncio.wait([self._intake], timeout=_STOP_S)
        finally:
            self._intake.cancel()
            await asyncio.gather(self._intake, return_exceptions=True)
            await self._sink.close()
            await self._registrations.close()
            self._questions.close()
            await self._reader.close()
            await engine.dispose()
            await self._pool.close()

    async def is_database_ready(self) -> bool:
        """Tell whether PostgreSQL answers."""
        return self._pool is not None and await is_reachable(self._pool)

    async def is_mqtt_ready(self) -> bool:
        """Tell whether the MQTT broker has taken the subscriptions, or it is another replica's turn to have them."""
        is_standby = not self.settings.mqtt_share and not self._turn.is_ours
        return self._intake is not None and (self.receiver.is_connected or (is_standby and self._turn.is_known))

    async def is_broker_ready(self) -> bool:
        """Tell whether the context broker can take entities."""
        return self._intake is not None and await self._sink.is_reachable()

    async def is_intake_ready(self) -> bool:
        """Tell whether measures are taken in."""
        return self._intake is not None and not self._intake.done()

    def _assemble(self, engine: AsyncEngine, inbox: Inbox) -> Intake:
        settings = self.settings
        assert self._pool is not None
        registry_store = RegistryStore(engine, self._pool)
        creates = settings.tenant_creation == "on-write"
        self.tenants = TenantDirectory(self._pool, creates_on_write=creates, after_purge=registry_store.forget)
        self.obligation = Obligation(self.tenants)
        groups, devices = GroupStore(engine), DeviceStore(engine)
        self.letters, self.runs = LetterStore(engine), RunStore(engine)
        defaults = {"ngsiVersion": "v2"} if settings.ingest_ngsi_version == "v2" else {}
        self.provisioning = Provisioning(self.tenants, groups, devices, defaults)
        self.submission = Submission(inbox, settings.ingest_http_wait_s, _MOST_WAITING)
        writer = Writer(self._sink, self.figures, settings.ingest_batch_size)
        self._assemble_imports(engine, writer)
        self._turn = Turn(settings.database_url, f"{SCHEMA}/{settings.mqtt_client_id}")
        target = _target(settings)
        self._assemble_asking(groups, CommandStore(engine), target)
        self.receiver = MqttReceiver(target, inbox, self.clock, self.figures)
        if not target.is_shared:
            self.receiver.turn = self._turn
        registry = Registry(groups, devices, registry_store, settings.ingest_timezone)
        self._assemble_commands(engine, groups, writer, registry_store)
        self.registry = registry
        lanes = Lanes(writer, settings.ingest_lanes, settings.ingest_batch_size)
        intake = Intake(registry, lanes, self.letters, self._commands, self.figures)
        intake.rebirths = Rebirths(self.receiver)
        intake.allowance = Allowance(self.tenants, self.limiter)
        intake.meter = self.meter
        self.states = StateStore(engine)
        self.sources = SourceStore(engine)
        self.liveness = Liveness(self.states, devices, writer, self.clock, settings.ingest_liveness_s)
        intake.liveness = self.liveness
        telling = Telling(self.receiver, self.clock, settings.egress)
        subscriptions = SubscriptionStore(engine)
        intake.configuring = self.configuring = Configuring(registry, groups, subscriptions, self._reader, telling)
        return intake

    def _assemble_imports(self, engine: AsyncEngine, writer: Writer) -> None:
        holder = f"{socket.gethostname()}-{uuid.uuid4().hex}"
        self.jobs = JobStore(engine, holder, LEASE)
        self.refusals, self.own_mappings = RefusalStore(engine), MappingStore(engine)
        self._series = SeriesStore(engine)
        stores = ImportStores(self.runs, self.jobs, self.own_mappings, self._series)
        importing = Importing(self.tenants, stores, writer, Opener(self.feeds), self.clock)
        self.importing = importing.with_mappings(self.mappings)
        entities = EntityStore(writer, self._reader)
        self.correcting = Correcting(self.importing, self.refusals, self.tenants, entities, self.clock)
        self.connectors = ConnectorStore(engine, holder)
        self.seal = read_seal(self.settings.ingest_key, self.settings.data_dir / "ingest-key")
        connected = ConnectorParts(self.connectors, self.runs, self.seal, self.zone)
        self.connecting = Connecting(connected, self.fetcher, self.importing, self.clock)

    def _assemble_commands(
        self, engine: AsyncEngine, groups: GroupStore, writer: Writer, registry_store: RegistryStore
    ) -> None:
        settings = self.settings
        self._commands = CommandStore(engine)
        expiry_s = settings.ingest_command_expiry_s
        self.commanding = Commanding(self._commands, groups, writer, self.clock, expiry_s)
        courier = Courier(self._commands, groups, self.commanding, self.receiver, self.clock)
        self.courier = courier.allow(settings.egress, timedelta(seconds=expiry_s))
        self.courier.turn = self._turn
        self._registrations = HttpRegistrations(settings.broker_url, self._credentials, settings.ingest_url, self.seal)
        stores = OfferStores(CommandedStore(engine), SubscriptionStore(engine))
        self.registering = Registering(stores, groups, registry_store, self._registrations)

    def _assemble_asking(self, groups: GroupStore, commands: CommandStore, target: MqttTarget) -> None:
        settings = self.settings
        longest_s, limits = settings.ingest_lazy_timeout_s, self.limits
        self._questions = MqttQuestions(target, limits, self.clock, longest_s)
        rule = AskingRule(settings.egress, longest_s, settings.ingest_timezone, limits)
        self.asking = Asking(commands, groups, self._questions, self.clock, rule)

    def _rule(self) -> BatchRule:
        settings = self.settings
        longest_s = settings.ingest_batch_wait_ms / 1000
        return BatchRule(settings.ingest_batch_size, longest_s, self.limits, 2 * settings.ingest_lanes)

    def _note_end(self, intake: "asyncio.Future[None]") -> None:
        if not intake.cancelled() and intake.exception() is not None:
            _log.error("Measures are no longer taken in", exc_info=intake.exception())
            self.failed.set()

    async def _purge(self) -> None:
        while True:
            before = self.clock() - timedelta(days=self.settings.ingest_dead_letter_days)
            most = self.settings.ingest_dead_letter_most
            await until_stored(lambda: self.letters.purge(before, most), self.figures)  # noqa: B023
            await until_stored(lambda: self._series.forget(self.clock() - _SERIES_KEPT), self.figures)
            oldest = self.clock() - timedelta(days=self.settings.ingest_import_run_days)
            await until_stored(lambda: self.runs.purge(oldest), self.figures)  # noqa: B023
            await asyncio.sleep(_PURGE_EVERY_S)


def _target(settings: IngestSettings) -> MqttTarget:
    """Return the MQTT broker and our session there; processes that share the measures have one each."""
    own = f"-{socket.gethostname()}" if settings.mqtt_share else ""
    return MqttTarget(
        url=settings.mqtt_url,
        client_id=f"{settings.mqtt_client_id}{own}",
        receive_maximum=settings.mqtt_receive_maximum,
        ca_file=settings.mqtt_ca_file,
        certificate_file=settings.mqtt_certificate_file,
        key_file=settings.mqtt_key_file,
        share=settings.mqtt_share,
        version=settings.mqtt_version,
    )
