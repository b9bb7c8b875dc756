"""Drawing a data map from the data sets of a tenant and from what the hub tells.

What a service collects is for others as soon as an agreement, a subscription or open data gives it to somebody; the
rest is for itself alone. So nothing is in both lists, as the template asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from services.catalog.datamap.data_map import DataMap, DatasetEntry, Origin, Receiver, ServiceEntry
from services.catalog.datamap.facts import AgreementFact, Facts, ServiceFact, SourceFact, SubscriptionFact
from services.catalog.datamap.sources import AT_CHANGE, ON_REQUEST
from services.catalog.domain.dataset import Access, Dataset, State
from services.catalog.domain.frequency import FREQUENCIES

_EVERY: Final = "*"
_PUBLIC: Final = "一般公開（オープンデータ）"
_HUB: Final = "コンテキストブローカー"


def draw(datasets: Sequence[Dataset], facts: Facts, made_at: str, owner: tuple[str, str]) -> DataMap:
    """Return the map of a tenant, its data sets by unit and title; `owner` is its name and title."""
    kept = (each for each in datasets if each.state in (State.PUBLISHED, State.PRIVATE))
    shown = sorted(kept, key=lambda each: (each.unit, each.title))
    titles = {each.live.type_name: each.title for each in shown if each.live is not None}
    open_types = {each.live.type_name for each in shown if each.live is not None and _is_open(each)}
    tenant, title = owner
    return DataMap(
        tenant,
        title,
        made_at,
        tuple(_service(each, facts, titles, open_types) for each in facts.services),
        tuple(_dataset(each, facts) for each in shown),
        tuple(facts.gaps),
    )


def _is_open(dataset: Dataset) -> bool:
    return dataset.access is Access.PUBLIC and dataset.state is State.PUBLISHED


def _service(service: ServiceFact, facts: Facts, titles: Mapping[str, str], open_types: set[str]) -> ServiceEntry:
    given = [each for each in facts.agreements if each.service_id == service.service_id]
    told = [each for each in facts.subscriptions if _concerns(each.types, service.types)]
    names = {each.service_id: each.title for each in facts.services}
    taken = [each for each in facts.agreements if each.user == service.service_id]
    external = {name for name in service.types if name in open_types or _is_given(name, given, told)}
    receivers = [*_agreed(given, names), *map(_notified, told)]
    if open_types & set(service.types):
        receivers.append(Receiver(_PUBLIC, ON_REQUEST, "NGSI-LD, NGSIv2, CSV"))
    return ServiceEntry(
        key=service.service_id,
        name=service.title,
        provider=service.provider,
        status=service.status,
        intake=(*_titled(_intake(taken, facts.services), titles), *_fetched(service, facts.sources, titles)),
        internal=_titled(set(service.types) - external, titles),
        external=_titled(external, titles),
        receivers=_unique(receivers),
    )


def _intake(taken: Iterable[AgreementFact], services: Sequence[ServiceFact]) -> set[str]:
    """Return the types that agreements let a service have; `*` means all that lie in the other one's area."""
    held = {each.service_id: each.types for each in services}
    return {name for each in taken for name in (held.get(each.service_id, ()) if _EVERY in each.types else each.types)}


def _fetched(service: ServiceFact, sources: Iterable[SourceFact], titles: Mapping[str, str]) -> list[str]:
    """Return what sources outside the hub bring into a service's data area, each with where it comes from."""
    area = service.area.rstrip("/")
    return [
        f"{name} ← {_origin(each).words}"
        for each in sources
        if each.is_outside and area and f"{each.path}/".startswith(f"{area}/")
        for name in _titled(each.types, titles)
    ]


def _is_given(name: str, given: Iterable[AgreementFact], told: Iterable[SubscriptionFact]) -> bool:
    agreed = any(_EVERY in each.types or name in each.types for each in given)
    return agreed or any(not each.types or name in each.types for each in told)


def _concerns(types: Sequence[str], held: Sequence[str]) -> bool:
    return bool(held) and (not types or not set(types).isdisjoint(held))


def _agreed(given: Iterable[AgreementFact], names: Mapping[str, str]) -> list[Receiver]:
    return [
        Receiver(
            names.get(each.user, each.user),
            AT_CHANGE if "subscribe" in each.actions else ON_REQUEST,
            "NGSI-LD, NGSIv2",
        )
        for each in given
    ]


def _notified(each: SubscriptionFact) -> Receiver:
    frequency = f"{each.throttling_s:g}秒に1回まで" if each.throttling_s else AT_CHANGE
    return Receiver(each.receiver, frequency, each.method)


def _dataset(dataset: Dataset, facts: Facts) -> DatasetEntry:
    receivers = []
    if dataset.live is not None:
        name = dataset.live.type_name
        titles = {each.service_id: each.title for each in facts.services}
        holders = {each.service_id for each in facts.services if name in each.types}
        given = [each for each in facts.agreements if each.service_id in holders and _fits(each, name)]
        receivers += _agreed(given, titles)
        receivers += [_notified(each) for each in facts.subscriptions if not each.types or name in each.types]
    if _is_open(dataset):
        receivers.append(Receiver(_PUBLIC, _frequency(dataset), _methods(dataset)))
    origins = _origins(dataset, facts)
    place = _place(dataset, origins)
    return DatasetEntry(dataset.name, dataset.title, _owner(dataset), place, _unique(receivers), origins)


def _fits(agreement: AgreementFact, name: str) -> bool:
    return _EVERY in agreement.types or name in agreement.types


def _frequency(dataset: Dataset) -> str:
    code = dataset.content.frequency or "UNKNOWN"
    return FREQUENCIES[code][1] if code in FREQUENCIES else code


def _methods(dataset: Dataset) -> str:
    forms = [each.format for each in dataset.content.distributions if each.format]
    served = ["NGSI-LD", "NGSIv2", "CSV", "GeoJSON", "Parquet"] if dataset.live is not None else []
    return ", ".join(dict.fromkeys([*served, *forms]))


def _owner(dataset: Dataset) -> str:
    """Return the exact unit: whoever made it, else whom to ask, within its publisher."""
    content, publisher = dataset.content, dataset.publisher.title
    unit = content.creator.name if content.creator else content.contact.name if content.contact else ""
    if not unit and dataset.unit != "/":
        unit = dataset.unit.strip("/")
    return f"{publisher} {unit}".strip()


def _origins(dataset: Dataset, facts: Facts) -> tuple[Origin, ...]:
    if dataset.live is None:
        return ()
    name = dataset.live.type_name
    return tuple(dict.fromkeys(_origin(each) for each in facts.sources if name in each.types))


def _origin(source: SourceFact) -> Origin:
    return Origin(source.system, source.frequency, source.method)


def _place(dataset: Dataset, origins: Iterable[Origin]) -> str:
    """Return the proper name of the system that the data lie in, as far as it is told."""
    if dataset.content.source_system:
        return dataset.content.source_system
    if dataset.live is None:
        hosts = [urlsplit(each.access_url).hostname or "" for each in dataset.content.distributions]
        return ", ".join(dict.fromkeys(filter(None, hosts)))
    return ", ".join([*(each.words for each in origins), _HUB])


def _titled(types: Iterable[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{titles[name]} [{name}]" if name in titles else name for name in sorted(types))


def _unique(receivers: Iterable[Receiver]) -> tuple[Receiver, ...]:
    return tuple(dict.fromkeys(receivers))
