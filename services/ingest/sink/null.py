"""The sink that keeps nothing: for a hub without a context broker, and for measuring ingest alone."""

from services.ingest.sink.port import EntityBatch, Written


class NullSink:
    """Accepts every batch."""

    async def write(self, batch: EntityBatch) -> Written:
        """Accept the batch."""
        return Written()

    async def is_reachable(self) -> bool:
        """Return true."""
        return True

    async def close(self) -> None:
        """Release nothing."""
