"""Looks into files that were uploaded before there were looks: made in the background, one file after another."""

import asyncio
import tempfile
from dataclasses import dataclass
from typing import Final

from services.catalog.domain.stored_file import StoredFile
from services.catalog.files.contents import contents_of
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.files import content_of
from services.catalog.operations.rounds import run_rounds
from services.catalog.store.file_looks import find_unseen, keep_look
from services.catalog.store.session import reading, writing
from services.kernel.errors import Unavailable

PAUSE_S: Final = 600.0
BREATH_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class LookRounds:
    """Looks into what nobody has looked into, the latest files first, with a breath after each; one replica at a time.

    Each look is kept by itself: what ends in between goes on with the next file.
    """

    catalogue: Catalogue
    breath_s: float = BREATH_S

    async def run(self) -> None:
        """Look until cancelled, for the first time when the service has run for ten minutes."""
        await run_rounds(self.catalogue.engine, "looks", PAUSE_S, self.round)

    async def round(self) -> None:
        """Look into all files that are left. Raises Unavailable."""
        while (file := await self._next()) is not None:
            await self._look_into(file)
            await asyncio.sleep(self.breath_s)

    async def _next(self) -> StoredFile | None:
        async with reading(self.catalogue.engine) as connection:
            return await find_unseen(connection)

    async def _look_into(self, file: StoredFile) -> None:
        try:
            with tempfile.TemporaryFile() as body:
                async for part in content_of(self.catalogue, file):
                    await asyncio.to_thread(body.write, part)
                found = await asyncio.to_thread(contents_of, body, file.name, file.media_type)
        except OSError as error:
            raise Unavailable(f"File {file.name} cannot be looked into now: {error}") from error
        async with writing(self.catalogue.engine) as connection:
            await keep_look(connection, file, found.look, found.places)
