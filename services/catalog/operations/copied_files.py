"""The files of working copies: kept beside the published ones, and put in their place when the copy is published."""

import dataclasses
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.stored_file import StoredFile
from services.catalog.domain.working_copy import WorkingCopy
from services.catalog.store import files as store


async def copied_files(
    connection: AsyncConnection, addresses: Addresses, known: Dataset, copy: WorkingCopy
) -> list[StoredFile]:
    """Return the files that a data set has as its working copy has it, by name."""
    published = await store.files_of(connection, known.dataset_id)
    found = {each.identifier: each for each in published if not _takes_away(copy, addresses, each)}
    found |= {each.identifier: each for each in await store.proposed_of(connection, known.dataset_id)}
    return sorted(found.values(), key=lambda each: each.name)


async def prune_files(
    connection: AsyncConnection, addresses: Addresses, known: Dataset, copy: WorkingCopy | None
) -> None:
    """Delete the files that a working copy brought and has no more; all of them where there is no copy any more."""
    forms = copy.content.distributions if copy else ()
    for file in await store.proposed_of(connection, known.dataset_id):
        if not any(_is_of(addresses, form, file) for form in forms):
            await store.forget_file(connection, file)


async def publish_files(
    connection: AsyncConnection, addresses: Addresses, known: Dataset, copy: WorkingCopy
) -> tuple[Distribution, ...]:
    """Put the files of a working copy in place, delete those that it takes away; return its forms as published."""
    for file in await store.files_of(connection, known.dataset_id):
        if _takes_away(copy, addresses, file):
            await store.forget_file(connection, file)
    proposed = await store.proposed_of(connection, known.dataset_id)
    for file in proposed:
        await store.publish_file(connection, file)
    return tuple(_published(addresses, form, proposed) for form in copy.content.distributions)


def _takes_away(copy: WorkingCopy, addresses: Addresses, file: StoredFile) -> bool:
    """Tell whether a working copy no longer leads to a published file that its data set led to."""
    address = addresses.file(file.identifier, "")

    def leads(form: Distribution) -> bool:
        return form.access_url.startswith(address) or form.download_url.startswith(address)

    return any(map(leads, copy.before.distributions)) and not any(map(leads, copy.content.distributions))


def _published(addresses: Addresses, form: Distribution, proposed: Iterable[StoredFile]) -> Distribution:
    file = next((each for each in proposed if _is_of(addresses, form, each)), None)
    if file is None:
        return form
    address = addresses.file(file.identifier, file.name)
    return dataclasses.replace(form, access_url=address, download_url=address)


def _is_of(addresses: Addresses, form: Distribution, file: StoredFile) -> bool:
    return form.distribution_id == file.identifier and form.access_url == addresses.of_file(file)
