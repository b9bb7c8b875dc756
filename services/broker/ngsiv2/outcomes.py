"""What a write could not do, in NGSIv2's words (422 Unprocessable, 422 PartialUpdate, 404 NotFound)."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from services.broker.ngsiv2.errors import PartialForwarding, PartialUpdate
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_entity import SentEntity
from services.broker.operations.mutation import Outcome
from services.kernel.errors import HubError, NotFound, Unprocessable
from services.kernel.values import frozen

Result: TypeAlias = Outcome | HubError
MISSING = "do not exist: "
PRESENT = "one or more of the attributes in the request already exist: "


@frozen
class AskedInVain(Outcome):
    """What a mutation did whose missing attributes providers were asked to write, and some did not."""


class NotAnswered(NotFound):
    """The entity is not here, and its provider does not take the update"""


def check_outcome(outcome: Outcome, label: str, names: Names, *, why: str) -> None:
    """Refuse where attributes of one entity were left out. Raises Unprocessable, PartialUpdate, PartialForwarding."""
    if outcome.not_updated:
        kind = _kind(is_partial=bool(outcome.updated), is_forwarded=isinstance(outcome, AskedInVain))
        raise kind(f"{why}{label} - {_left_out(outcome, names)}")


def _kind(*, is_partial: bool, is_forwarded: bool) -> type[HubError]:
    """Return the error: where a provider failed it is 404, else 422 (Orion, Context providers)."""
    if is_partial:
        return PartialForwarding if is_forwarded else PartialUpdate
    return NotFound if is_forwarded else Unprocessable


def check_batch(entities: Sequence[SentEntity], results: Sequence[Result], names: Names, *, why: str) -> None:
    """Refuse where a batch was not carried out as a whole. Raises NotFound, Unprocessable, PartialUpdate and others."""
    for result in results:
        if isinstance(result, HubError) and not isinstance(result, NotFound):
            raise result
    failures = [
        (entity, result)
        for entity, result in zip(entities, results, strict=True)
        if isinstance(result, HubError) or result.not_updated
    ]
    if not failures:
        return
    detail = why + ", ".join(_failures(failures, names))
    if all(isinstance(result, NotFound) for result in results):
        raise NotFound(detail)
    is_forwarded = any(isinstance(each, AskedInVain | NotAnswered) for each in results)
    raise _kind(is_partial=_something_done(results), is_forwarded=is_forwarded)(detail)


def _something_done(results: Iterable[Result]) -> bool:
    """Tell whether an existing entity was changed, or was sent without anything that could fail."""
    return any(isinstance(each, Outcome) and (each.updated or not each.not_updated) for each in results)


def _failures(failures: list[tuple[SentEntity, Result]], names: Names) -> Iterable[str]:
    for position, (entity, result) in enumerate(failures):
        label = entity_label(entity)
        if isinstance(result, HubError):
            yield f"{label} - [entity itself]" if position == 0 else f"{label} [entity itself]"
        else:
            yield f"{label} - {_left_out(result, names)}"


def _left_out(outcome: Outcome, names: Names) -> str:
    return f"[ {', '.join(names.short(each.name) for each in outcome.not_updated)} ]"


def entity_label(entity: SentEntity) -> str:
    """Return `id/type`, the type only where the request gave it."""
    return label(entity.id, entity.type_name)


def label(entity_id: str, type_name: str | None) -> str:
    """Return `id/type`, or the id alone."""
    return entity_id if type_name is None else f"{entity_id}/{type_name}"
