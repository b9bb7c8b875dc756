"""PostgreSQL connections: an asyncpg pool, an SQLAlchemy engine, and the one place that translates driver errors."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import asyncpg
import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.kernel.errors import AlreadyExists, Conflict, InvalidRequest, TooComplex, Unavailable

Connection: TypeAlias = Any  # asyncpg publishes no types

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server says good-bye to a connection at the moment at which it is used
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
    OSError,
    TimeoutError,
)


def dumps_text(value: object) -> str:
    """Write JSON as PostgreSQL takes it."""
    return orjson.dumps(value).decode()


async def _prepare(connection: asyncpg.Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=dumps_text, decoder=orjson.loads, schema="pg_catalog")


async def _leave_as_is(connection: asyncpg.Connection) -> None:
    """Spare the round trip of a reset: sessions of a pool change nothing that outlives their transaction."""


async def open_pool(
    url: str, *, schema: str, size: int = 8, session_settings: Mapping[str, str] | None = None
) -> asyncpg.Pool:
    """Open a pool whose sessions read and write `schema`, with JSON columns as Python values.

    The pool opens although PostgreSQL is away: a service starts, answers 503 and recovers by itself.
    """
    pool = asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        init=_prepare,
        reset=_leave_as_is,
        server_settings={
            "search_path": schema,
            "application_name": f"hiroba-{schema}",
            "jit": "off",
            "timezone": "UTC",
            **(session_settings or {}),
        },
        command_timeout=60,
        max_inactive_connection_lifetime=120,
    )
    await pool
    return pool


def open_engine(url: str, *, schema: str, size: int = 8) -> AsyncEngine:
    """Open an SQLAlchemy engine for the services whose statements are SQLAlchemy Core."""
    return create_async_engine(
        sqlalchemy_url(url),
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        json_serializer=dumps_text,
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"search_path": schema, "application_name": f"hiroba-{schema}"}},
    )


def sqlalchemy_url(url: str) -> str:
    """Name the driver in a connection URL."""
    _, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}"


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into words of the domain; the store's outermost context."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        raise _translate(cause or error) from error
    except NoConnectionLeft as error:
        raise Unavailable("The database has too much to do") from error
    except (asyncpg.PostgresError, *_AWAY) as error:
        raise _translate(error) from error


def _translate(error: BaseException) -> Exception:
    match error:
        case asyncpg.UniqueViolationError():
            return AlreadyExists(error.detail or None)
        case asyncpg.ForeignKeyViolationError() | asyncpg.CheckViolationError():
            return Conflict(error.detail or None)
        case asyncpg.QueryCanceledError():
            return TooComplex("The query takes too long")
        case asyncpg.InvalidRegularExpressionError():
            return InvalidRequest("The pattern is not a valid regular expression")
        case asyncpg.DataError():
            return InvalidRequest("A value is out of range")
        case _ if isinstance(error, _AWAY):
            return Unavailable("The database is away")
        case _:
            return error if isinstance(error, Exception) else RuntimeError(repr(error))


@asynccontextmanager
async def session(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Borrow a connection; driver errors come out translated."""
    with translated():
        async with pool.acquire(timeout=10) as connection:
            yield connection


async def is_reachable(pool: asyncpg.Pool) -> bool:
    """Tell whether PostgreSQL answers now."""
    try:
        async with pool.acquire(timeout=2) as connection:
            return bool(await connection.fetchval("select true", timeout=2))
    except (asyncpg.PostgresError, *_AWAY):
        return False
