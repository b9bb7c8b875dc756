"""The PostgreSQL of a benchmark: embedded, with room in memory, in a directory that services' files go to as well."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.local.postgres import EmbeddedPostgres

_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "max_connections": "100"}


@contextlib.contextmanager
def running_postgres(kept: Path | None = None, settings: Mapping[str, str] = _SETTINGS) -> Iterator[EmbeddedPostgres]:
    """Run a PostgreSQL of its own; with `kept` its cluster stays in that directory, and is used where it is there."""
    with _directory(kept) as directory:
        os.environ["HIROBA_DATA_DIR"] = str(directory)
        server = EmbeddedPostgres(directory / "postgres", options=settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hiroba-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        yield directory
