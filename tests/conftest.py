"""Fixtures of every floor: a real PostgreSQL database per test, and what the machine lacks, said visibly."""

import inspect
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from services.auth.passwords import secret_hashes
from tests.support.databases import clone, drop, shared_server
from tests.support.patience import LONGEST_S
from tests.support.shared_broker import shared_broker

settings.register_profile("patient", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("patient")

# A test's client waits as long as a slow and busy machine needs, not the five seconds that httpx gives unless told.
_PATIENCE: httpx.Timeout = inspect.signature(httpx.get).parameters["timeout"].default
_PATIENCE.connect = _PATIENCE.read = _PATIENCE.write = _PATIENCE.pool = LONGEST_S

# A client reads the authorities that it trusts: 30 ms of processor time for all of the machine's, 1 ms for one.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "support" / "authority.pem")

IN_CI = os.environ.get("HIROBA_CI") == "1"
FILIP = os.environ.get("HIROBA_TEST_FILIP", "python-with-filip")
"""A Python that has the client filip, whose dependencies are not the project's."""
NGSIJS = os.environ.get("HIROBA_TEST_NGSIJS", "ngsijs")
"""The main file of the client ngsijs."""
AXE = os.environ.get("HIROBA_TEST_AXE", "axe-core")
"""The file of axe-core, which finds barriers in pages."""
OIDC_PROVIDER = os.environ.get("HIROBA_TEST_OIDC_PROVIDER", "oidc-provider")
"""The main file of oidc-provider, an OpenID provider that others wrote."""
OPENID_CLIENT = os.environ.get("HIROBA_TEST_OPENID_CLIENT", "openid-client")
"""The main file of the client openid-client."""
_TOOLS = {
    "mosquitto": ("mosquitto", "/usr/sbin/mosquitto"),
    "node": ("node",),
    "chromium": ("chromium",),
    "curl": ("curl",),
    "filip": (FILIP,),
    "ngsijs": (NGSIJS,),
    "oidc-provider": (OIDC_PROVIDER,),
    "openid-client": (OPENID_CLIENT,),
    "axe": (AXE,),
}


_OF_PRODUCTION = secret_hashes.HASHER


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Hash secrets at the least cost: in production each takes some 20 ms of processor time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secret_hashes, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def full_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash secrets as in production, for what is about the cost of it."""
    monkeypatch.setattr(secret_hashes, "HASHER", _OF_PRODUCTION)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """Return the URL of a PostgreSQL server that holds the migrated template."""
    base = tmp_path_factory.getbasetemp()
    directory = base if worker_id == "master" else base.parent
    with shared_server(directory, worker_id) as url:
        yield url


@pytest.fixture
async def database_url(postgres_server: str) -> AsyncIterator[str]:
    """Return the URL of an empty migrated database of this test's own."""
    url = await clone(postgres_server)
    yield url
    await drop(postgres_server, url)


@pytest.fixture(scope="session")
def broker_url(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a context broker that this worker's tests share, each with a tenant of its own."""
    with shared_broker(postgres_server, tmp_path_factory.mktemp("broker")) as url:
        yield url


def is_installed(tool: str) -> bool:
    """Tell whether a tool that a test needs is on this machine."""
    return any(shutil.which(name) or Path(name).is_file() for name in _TOOLS[tool])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose tool is not installed, visibly; in CI it fails."""
    for mark in item.iter_markers("needs"):
        for tool in mark.args:
            if not is_installed(tool) and IN_CI:
                pytest.fail(f"needs {tool}, which is not installed")
            if not is_installed(tool):
                pytest.skip(f"needs {tool}, which is not installed")


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # it publishes no types
    """Gives a worker whole files, so that a file's fixtures are made once; files of one `xdist_group` go together.

    Those with slow tests go first: at the end no worker has minutes left while the others have nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _group_of(nodeid.partition("::")[0])


@cache
def _group_of(file: str) -> str:
    group = re.search(r'xdist_group\("(\w+)"\)', Path(__file__).parents[1].joinpath(file).read_text(encoding="utf-8"))
    return group[1] if group else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile:
    """Distribute the tests of a parallel run file by file."""
    config.option.loadscopereorder = False
    return FileByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put files with slow tests first in a parallel run."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be left out, whatever the reason."""
    if IN_CI and _left_out(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was left out and why."""
    reasons = Counter(_left_out(terminalreporter.config))
    if reasons:
        terminalreporter.section("left out")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}")


def _left_out(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return [str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped]
