"""Decides which subscriptions a change is to be notified to, and for which attributes."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.expression_values import entity_values
from services.broker.domain.subscription import Subscription
from services.broker.matching.effect import Effect
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.links import missing_links
from services.broker.matching.subject import concerns
from services.broker.query.geometry import meets_geo
from services.broker.query.matches import NO_LINKS, Links, matches
from services.broker.query.selection import in_scope
from services.broker.query.tree import Filter, GeoFilter
from services.kernel.jexl.evaluator import evaluate

_log = logging.getLogger("hiroba.broker.matching")


@dataclass(frozen=True, slots=True)
class Match:
    """A subscription that is due a notice, and the attributes (expanded, sorted) for which it is."""

    subscription: Subscription
    touched: tuple[str, ...]


def find_matches(index: SubscriptionIndex, change: Change, now: datetime, links: Links = NO_LINKS) -> list[Match]:
    """Return the subscriptions that a change is due to, in order of creation; `links` are linked entities by URI."""
    effect = Effect(change)
    return match_all(index.candidates(change, effect), effect, now, links)


def wanted_links(index: SubscriptionIndex, change: Change, links: Links) -> set[str]:
    """Return the URIs of linked entities that the filters of candidates ask for and `links` does not hold (4.9)."""
    effect = Effect(change)
    asking = (each for each in index.candidates(change, effect) if index.follows_links(each))
    found = (each for each in asking if effect.due(each) is not None and concerns(each, change.entity))
    return set().union(*(missing_links(cast("Filter", each.conditions.filter), change.entity, links) for each in found))


def match_all(
    subscriptions: Iterable[Subscription], effect: Effect, now: datetime, links: Links = NO_LINKS
) -> list[Match]:
    """Hold a change against each subscription. One that cannot be decided stops neither the write nor the others."""
    matched = []
    for subscription in subscriptions:
        try:
            match = _match(subscription, effect, now, links)
        except Exception:
            _log.exception("A subscription cannot be matched", extra={"subscription": subscription.id})
            continue
        if match is not None:
            matched.append(match)
    return matched


def _match(subscription: Subscription, effect: Effect, now: datetime, links: Links) -> Match | None:
    due = effect.due(subscription)
    if due is None or not subscription.is_live(now) or subscription.time_interval_s is not None:
        return None
    entity = effect.change.entity
    if not concerns(subscription, entity) or not meets(subscription, entity, links):
        return None
    if not _holds(subscription, effect.change, now):
        return None
    return Match(subscription, tuple(sorted(due)))


def _holds(subscription: Subscription, change: Change, now: datetime) -> bool:
    """Tell whether the JEXL condition is true, if there is one (NGSIv2 jexlExpression); true alone will do."""
    conditions = subscription.conditions
    if conditions.jexl is None:
        return True
    before = None if change.after is None else change.before
    values = entity_values(change.entity, before, dict(conditions.jexl_names).get)
    return evaluate(conditions.jexl, values, now) is True


def meets(subscription: Subscription, entity: Entity, links: Links = NO_LINKS) -> bool:
    """Tell whether an entity meets the subscription's filter, geo-queries and scope query (5.8.6)."""
    conditions = subscription.conditions
    if conditions.filter is not None and not matches(cast("Filter", conditions.filter), entity, links):
        return False
    if conditions.scope is not None and not in_scope(conditions.scope, entity):
        return False
    return all(meets_geo(cast("GeoFilter", each), entity.attrs) for each in conditions.geo)
