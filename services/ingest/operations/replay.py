"""Sending a dead letter again, after its cause was put right."""

from services.ingest.codecs.topic import with_protocol_of
from services.ingest.domain.arrival import Arrival, Outcome
from services.ingest.operations.submission import Submission
from services.ingest.store.letters import LetterStore
from services.kernel.errors import Conflict


async def replay(letters: LetterStore, submission: Submission, letter_id: int, tenant: str | None) -> Outcome:
    """Send a letter's measure again; it leaves the dead letters when it is committed.

    Raises NotFound; Conflict where it cannot be sent or is refused again; Unavailable.
    """
    letter = await letters.find(letter_id, tenant)
    if letter.address is None or not letter.is_whole:
        raise Conflict(f"Dead letter {letter_id} cannot be sent again: its device or a part of its payload is missing")
    address = with_protocol_of(letter.address, letter.topic)
    arrival = Arrival("replay", letter.topic, address, letter.payload, letter.received_at, _ignore)
    outcome = await submission.submit(arrival)
    if outcome.refusals:
        refusal = outcome.refusals[0]
        words = f"Dead letter {letter_id} is refused again, {refusal.reason.value}: {refusal.detail}"
        raise Conflict(words, reason=refusal.reason.value)
    await letters.delete(letter_id, tenant)
    return outcome


def _ignore(_: Outcome) -> None:
    """Stand in until the submission waits."""
