"""Files that come with resources, as the form's `upload`."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.site import Visit
from services.catalog.domain.dataset import Dataset
from services.catalog.harvest.ckan_package import distribution_of
from services.catalog.operations.uploads import Upload, keep_upload
from services.kernel.errors import TooLarge, Unprocessable

UPLOAD = "upload"
_OF_THE_FILE = frozenset({"url", "access_url", "download_url", "format", "mimetype", "size", "hash", "last_modified"})


def has_file(document: Mapping[str, Any]) -> bool:
    """Tell whether a file comes with a resource. Raises ParameterError for an `upload` that is no file."""
    given = document.get(UPLOAD)
    if given and not isinstance(given, Upload):
        raise ParameterError({UPLOAD: ["must be one file, in multipart/form-data"]})
    return isinstance(given, Upload)


def without_file(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a resource says beyond its file."""
    return {name: value for name, value in document.items() if name not in _OF_THE_FILE}


async def keep_file(visit: Visit, dataset: Dataset, document: Mapping[str, Any]) -> uuid.UUID:
    """Keep a resource's file with what is said of it; return its identifier. Raises HubError."""
    upload = dataclasses.replace(document[UPLOAD], said=distribution_of(document, dataset.content.licence))
    try:
        kept = await keep_upload(visit.site.catalogue, visit.editor, str(dataset.dataset_id), upload)
    except (TooLarge, Unprocessable) as error:
        raise ParameterError({UPLOAD: [error.detail]}) from error
    return kept.identifier
