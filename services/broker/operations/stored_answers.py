"""Answers to batches as they are kept under their Idempotency-Key: equal results in a row, as measures have, once."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeAlias

from services.broker.operations.mutation import NotUpdated, Outcome
from services.kernel import errors
from services.kernel.errors import HubError

Result: TypeAlias = Outcome | HubError


def to_json(results: Sequence[Result]) -> list[list[Any]]:
    """Write results: how many in a row are equal, and what they are."""
    return [[sum(1 for _ in equal), _written(said)] for said, equal in groupby(results, _said)]


def from_json(stored: Sequence[Any]) -> list[Result]:
    """Read what `to_json` wrote."""
    return [result for count, written in stored for result in [_read(written)] * count]


def _said(result: Result) -> Any:
    return result if isinstance(result, HubError) else (result.created, result.updated, result.not_updated)


def _written(said: Any) -> dict[str, Any]:
    if isinstance(said, HubError):
        more = dict(said.more)
        return {"error": type(said).__name__, "detail": said.detail, "field": said.field, "more": more}
    created, updated, not_updated = said
    refused = [[each.name, each.reason] for each in not_updated]
    return {"created": created, "updated": updated, "not_updated": refused}


def _read(written: dict[str, Any]) -> Result:
    if "error" in written:
        kind: type[HubError] = getattr(errors, written["error"], HubError)
        return kind(written["detail"], field=written["field"], **written["more"])
    return Outcome(
        created=written["created"],
        updated=tuple(written["updated"]),
        not_updated=tuple(NotUpdated(name, reason) for name, reason in written["not_updated"]),
    )
