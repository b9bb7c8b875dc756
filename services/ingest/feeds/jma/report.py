"""A report of the agency: who issued it, as what, about which event (気象庁防災情報XML, Control and Head)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from services.ingest.feeds.jma.tree import child, local, parse, text
from services.kernel.clock import to_iso
from services.kernel.errors import InvalidRequest

CANCELLED: Final = "取消"
_INFO_TYPES: Final = frozenset({"発表", "訂正", "遅延", CANCELLED})
_ALERT_TYPES: Final = {"通常": "Alert", "訓練": "AlertExercise", "試験": "AlertTest"}
_OPERATIONS: Final = {"通常": "actual", "訓練": "exercise", "試験": "test"}
ALERT_TYPES: Final = tuple(_ALERT_TYPES.values())


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `reported_at` is when it holds from, `sent_at` when it was sent; a correction has the same first one.

    `name` is what the agency calls such reports (Control/Title), `title` the heading of this one.
    `entity_type` keeps exercises (訓練) and tests (試験) apart from what is real.
    """

    name: str
    title: str
    kind: str
    headline: str
    office: str
    entity_type: str
    operation: str
    info_type: str
    event_id: str
    serial: str
    reported_at: str
    sent_at: str
    head: Element
    body: Element | None

    @property
    def is_cancelled(self) -> bool:
        """Whether the report takes back what an earlier one of its event said."""
        return self.info_type == CANCELLED

    @property
    def version(self) -> str:
        """What orders the reports of one event: a text that grows."""
        return f"{self.reported_at} {self.sent_at}"


def read_report(content: bytes) -> Report:
    """Read a report. Raises InvalidRequest, too where it does not say whether it is real: it is never taken as real."""
    root = parse(content)
    control, head = child(root, "Control"), child(root, "Head")
    if local(root) != "Report" or control is None or head is None:
        raise InvalidRequest("The document is no report of 気象庁防災情報XML: it lacks Report, Control or Head")
    status, info_type = text(control, "Status"), text(head, "InfoType")
    if status not in _ALERT_TYPES:
        words = "、".join(_ALERT_TYPES)
        raise InvalidRequest(f"Control/Status is {status!r:.40}, and must be one of {words}", field="Status")
    if info_type not in _INFO_TYPES:
        words = "、".join(sorted(_INFO_TYPES))
        raise InvalidRequest(f"Head/InfoType is {info_type!r:.40}, and must be one of {words}", field="InfoType")
    return Report(
        name=text(control, "Title"),
        title=text(head, "Title"),
        kind=text(head, "InfoKind") or text(control, "Title"),
        headline=text(head, "Headline", "Text"),
        office=text(control, "PublishingOffice") or text(control, "EditorialOffice"),
        entity_type=_ALERT_TYPES[status],
        operation=_OPERATIONS[status],
        info_type=info_type,
        event_id=text(head, "EventID"),
        serial=text(head, "Serial"),
        reported_at=_instant(head, "ReportDateTime"),
        sent_at=_instant(control, "DateTime"),
        head=head,
        body=child(root, "Body"),
    )


def _instant(element: Element, name: str) -> str:
    words = text(element, name)
    try:
        found = datetime.fromisoformat(words)
        if found.tzinfo is None:
            raise InvalidRequest(f"{name} {words!r:.40} has no time zone", field=name)
        return to_iso(found)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{name} {words!r:.40} is not a time", field=name) from error
