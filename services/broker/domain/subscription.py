"""A subscription: the superset of NGSI-LD's (5.2.12) and NGSIv2's, with expanded names. Frozen, no I/O.

`Subscription` is what the subscriber asked for; `SubscriptionStatus` is what became of it; `SubscriptionRecord` is
both. The face keeps in `original` the JSON that it renders back, so that nothing the subscriber wrote is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from services.broker.domain.selection import ScopeExpression, TypeExpression
from services.broker.domain.view import View

FilterTree: TypeAlias = object
"""A `Filter` or `GeoFilter` of the query tree; the domain carries it and does not look inside."""


class SubscriptionFace(StrEnum):
    """The API that a subscription was made with, and its notifications speak."""

    NGSI_LD = "ngsi-ld"
    NGSIV2 = "ngsiv2"


class Trigger(StrEnum):
    """What makes a notification due (NGSI-LD notificationTrigger, 5.2.12; NGSIv2 alterationTypes).

    `ATTRIBUTE_UPDATED` is any write of a watched attribute that was there; `ATTRIBUTE_CHANGED` only one that made it
    another. NGSIv2: entityCreate is `ENTITY_CREATED`; entityUpdate is `ENTITY_UPDATED`; entityChange is
    `ATTRIBUTE_CREATED`, `ATTRIBUTE_CHANGED` and `ATTRIBUTE_DELETED`; entityDelete is `ENTITY_DELETED`.
    """

    ENTITY_CREATED = "entityCreated"
    ENTITY_UPDATED = "entityUpdated"
    ENTITY_DELETED = "entityDeleted"
    ATTRIBUTE_CREATED = "attributeCreated"
    ATTRIBUTE_UPDATED = "attributeUpdated"
    ATTRIBUTE_CHANGED = "attributeChanged"
    ATTRIBUTE_DELETED = "attributeDeleted"


LD_TRIGGERS = frozenset({Trigger.ATTRIBUTE_CREATED, Trigger.ATTRIBUTE_UPDATED})
"""NGSI-LD's default (5.2.12)."""
V2_CHANGE = frozenset({Trigger.ATTRIBUTE_CREATED, Trigger.ATTRIBUTE_CHANGED, Trigger.ATTRIBUTE_DELETED})
"""NGSIv2's entityChange."""
V2_TRIGGERS = frozenset({Trigger.ENTITY_CREATED, *V2_CHANGE})
"""NGSIv2's default: entityCreate and entityChange."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Entities by id and type; all given parts must fit, as in `EntitySelector`.

    NGSI-LD ids are compared with the entity's `uri`, NGSIv2 ids with its `id`. Patterns are searched anywhere.
    `type_pattern` is a pattern over expanded names of the first type.
    """

    ids: tuple[str, ...] = ()
    id_pattern: str | None = None
    types: TypeExpression | None = None
    type_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a change matters.

    `subjects` are alternatives, none means any entity. `watched` are expanded attribute names, none means any.
    `paths` are service-path patterns, alternatives (`/a`, `/a/#`), none means everywhere. `filter` and `geo` are the
    query tree's. `metadata_counts`: a change of metadata alone is a change (NGSIv2 notifyOnMetadataChange).
    `jexl` is an expression that must be true as well; `jexl_names` pairs the stored names that it may use with its own.
    """

    subjects: tuple[Subject, ...] = ()
    watched: tuple[str, ...] = ()
    triggers: frozenset[Trigger] = LD_TRIGGERS
    paths: tuple[str, ...] = ()
    filter: FilterTree | None = None
    geo: tuple[FilterTree, ...] = ()
    scope: ScopeExpression | None = None
    metadata_counts: bool = True
    jexl: str | None = None
    jexl_names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a notification shows of the entity; names are expanded, formats are the face's words.

    NGSI-LD: `attributes` (`notification.attributes` or `pick`), `omitted`, `format` normalized|concise|simplified,
    `sys_attrs`, `show_changes`, `language`, `dataset_ids`, `join`, `join_level`, `contained_by`; `picked` and `omitted`
    are projections (4.21). NGSIv2: `attributes`, `excepted` (exceptAttrs),
    `only_changed`, `covered`, `macros_show_previous`, `metadata` (names as the subscriber wrote them), `format`
    normalized|simplifiedNormalized|keyValues|simplifiedKeyValues|values. `original_attributes` are as the
    subscriber wrote them.
    """

    attributes: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    only_changed: bool = False
    covered: bool = False
    macros_show_previous: bool = False
    metadata: tuple[str, ...] = ()
    format: str = "normalized"
    picked: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    sys_attrs: bool = False
    show_changes: bool = False
    language: str | None = None
    dataset_ids: tuple[str, ...] = ()
    join: str | None = None
    join_level: int = 1
    contained_by: tuple[str, ...] = ()
    original_attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomRequest:
    """NGSIv2 httpCustom and mqttCustom: parts with `${…}` macros. At most one of `payload`, `json`, `ngsi` is given.

    `payload` is URL-decoded when it is sent; `no_body` stands for a payload of null. `ngsi` is an NGSIv2 entity that
    is appended before attributes are chosen.
    """

    method: str = "POST"
    query: tuple[tuple[str, str], ...] = ()
    payload: str | None = None
    no_body: bool = False
    json: Any = None
    ngsi: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MqttDelivery:
    """How a notification is published (NGSI-LD clause 7; NGSIv2 mqtt). `version` is `3.1.1` or `5.0`."""

    topic: str
    qos: int = 0
    retain: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    version: str = "5.0"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where notifications go: `uri` is http(s):// or mqtt(s)://host:port (then `mqtt` says the topic).

    `headers` are NGSI-LD receiverInfo or NGSIv2 httpCustom headers (an empty value removes a header). `cooldown_ms` is
    the least time after a failure before the next try. `max_fails`: failures in a row before the subscription turns
    inactive (NGSIv2 maxFailsLimit).
    """

    uri: str
    accept: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notifier_info: tuple[tuple[str, str], ...] = ()
    timeout_ms: int | None = None
    cooldown_ms: int | None = None
    max_fails: int | None = None
    custom: CustomRequest | None = None
    mqtt: MqttDelivery | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a subscriber asked for.

    `context` is the @context source (URL, object or list) in which NGSI-LD notifications are compacted, or the
    tenant's at creation for NGSIv2. `oneshot`: turns inactive after its first notification. `original` is the face's
    JSON to render back, without what the status holds. Where `sealed` is given it stands for `endpoint` and `original`,
    which hold secrets. `view` is what the `owner`, the client that made it, may see; None means everything.
    `maker` is the subject of the token that it was made with, which had signed in at the level `maker_aal`. `barred`
    says why it was stopped: the maker may see nothing any more.
    """

    id: str
    face: SubscriptionFace
    endpoint: Endpoint
    conditions: Conditions = field(default_factory=Conditions)
    content: Content = field(default_factory=Content)
    is_active: bool = True
    oneshot: bool = False
    throttling_s: float = 0.0
    time_interval_s: float | None = None
    expires_at: datetime | None = None
    context: Any = None
    original: Mapping[str, Any] = field(default_factory=dict)
    sealed: str = field(default="", repr=False)
    owner: str = ""
    view: View | None = None
    maker: str = ""
    maker_aal: int = 0
    barred: str = ""

    @property
    def needs_previous(self) -> bool:
        """Tell whether notifications show what was before the change: its values, or what was deleted."""
        content = self.content
        if (
            content.show_changes
            or content.macros_show_previous
            or not {"previousValue", "actionType"}.isdisjoint(content.metadata)
        ):
            return True
        return self.face is SubscriptionFace.NGSI_LD and Trigger.ATTRIBUTE_DELETED in self.conditions.triggers

    def is_live(self, now: datetime) -> bool:
        """Tell whether changes are notified: active and not expired."""
        return self.is_active and not self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """What became of a subscription's notifications.

    `times_sent` counts notifications sent, failed ones included; `fails_in_row` (NGSIv2 failsCounter) is 0 after a
    success. `pending` rows wait in the outbox, `parked` ones are dead letters; both are counted only where asked for.
    """

    times_sent: int = 0
    times_failed: int = 0
    fails_in_row: int = 0
    last_notification: datetime | None = None
    last_success: datetime | None = None
    last_success_code: int | None = None
    last_failure: datetime | None = None
    last_failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """A stored subscription."""

    subscription: Subscription
    status: SubscriptionStatus
    created_at: datetime
    modified_at: datetime
    revision: int = 1

    @property
    def last_attempt_failed(self) -> bool:
        """Tell whether the latest notification failed (NGSI-LD status `failed`)."""
        return self.status.fails_in_row > 0
