"""Results of commands, as devices write them."""

from typing import Any

import orjson

from services.ingest.codecs import ultralight
from services.ingest.domain.refusal import MeasureRefused, Reason


def read_results(payload: bytes, device_id: str, *, is_ultralight: bool) -> dict[str, Any]:
    """Return the results in a payload, by command. Raises MeasureRefused."""
    if is_ultralight:
        return ultralight.read_results(payload, device_id)
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise MeasureRefused(Reason.MALFORMED_JSON, f"The result is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise MeasureRefused(Reason.NOT_A_MEASURE, "The result is not an object")
    return found
