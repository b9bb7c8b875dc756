"""What the catalogue says by itself of an entity type that the broker holds."""

import uuid

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.column_label import label
from services.catalog.domain.dataset import Content, Dataset, Live, Publisher
from services.catalog.domain.distribution import Distribution, Interface, Served
from services.catalog.domain.entity_type import known_type
from services.catalog.domain.frequency import LIVE
from services.catalog.domain.live_files import live_files

_HEADERS = {Interface.NGSI_LD: "NGSILD-Tenant", Interface.NGSI_V2: "Fiware-Service"}
_MEDIA_TYPES = {Interface.NGSI_LD: "application/ld+json", Interface.NGSI_V2: "application/json"}


def content_of(live: Live, publisher: Publisher) -> Content:
    """Say in two languages what a live entity type is. Its publisher may edit all of it."""
    known = known_type(live.type_name)
    japanese, english = known.title_ja, known.title
    owner_en = publisher.title_en or publisher.title
    attributes = {language: [label(name, language, {}) for name in live.attributes] for language in ("ja", "en")}
    return Content(
        titles={
            "ja": f"{japanese}（{publisher.title}・ライブデータ）",
            "en": f"{english} ({owner_en}, live data)",
        },
        descriptions={
            "ja": f"{publisher.title}の「{japanese}」の今の状態です。変わるたびに新しくなります。"
            f"項目：{'、'.join(attributes['ja']) or 'なし'}。エンティティの型は {live.type_name} です。",
            "en": f"{english} of {owner_en} as they are now, renewed with every change. "
            f"Attributes: {', '.join(attributes['en']) or 'none'}. The type of the entities is {live.type_name}.",
        },
        themes=known.themes,
        keywords=(live.type_name, "NGSI-LD", "NGSIv2"),
        languages=("ja", "en"),
        spatial=publisher.code,
        frequency=LIVE,
    )


def distributions_of(dataset: Dataset, addresses: Addresses) -> tuple[Distribution, ...]:
    """Return all distributions: the stored ones, and those of a live data set: the broker's interfaces, and files."""
    return (*served_distributions(dataset, addresses), *dataset.content.distributions)


def served_distributions(dataset: Dataset, addresses: Addresses) -> tuple[Distribution, ...]:
    """Return the distributions of a live data set that are stored nowhere: the broker's interfaces, and files."""
    if dataset.live is None:
        return ()
    interfaces = [each for each in Interface if _can_name(each, dataset.publisher.name)]
    served = tuple(_distribution(dataset, interface, addresses) for interface in interfaces)
    return (*served, *live_files(dataset, addresses))


def _can_name(interface: Interface, tenant: str) -> bool:
    """Tell whether an interface can name a tenant: NGSIv2's header allows no hyphen."""
    return interface is not Interface.NGSI_V2 or "-" not in tenant


def _distribution(dataset: Dataset, interface: Interface, addresses: Addresses) -> Distribution:
    assert dataset.live is not None
    tenant = dataset.publisher.name
    label, header = interface.label, _HEADERS[interface]
    known = known_type(dataset.live.type_name)
    condition = f"ヘッダー `{header}: {tenant}` を付けます。" if tenant else "テナントのヘッダーは付けません。"
    condition_en = f"Send the header `{header}: {tenant}`." if tenant else "Send no tenant header."
    return Served(
        distribution_id=uuid.uuid5(dataset.dataset_id, f"interface:{interface}"),
        title=f"{known.title_ja}（{label} API）",
        title_en=f"{known.title} ({label} API)",
        description=f"今の状態を{label}で問い合わせます。{condition}",
        description_en=f"Queries the present state through {label}. {condition_en}",
        format=label,
        media_type=_MEDIA_TYPES[interface],
        access_url=addresses.query(dataset, interface),
        interface=interface,
        fields=_cadde_fields(dataset, interface),
    )


def _cadde_fields(dataset: Dataset, interface: Interface) -> dict[str, object]:
    """Return the resource fields that CADDE's connector reads; it speaks NGSIv2 only, hence its type field there."""
    assert dataset.live is not None
    fields: dict[str, object] = {
        "ngsi_tenant": dataset.publisher.name,
        "ngsi_service_path": "/#",
        "ngsi_entity_type": dataset.live.type_name,
        "ngsi_data_model": {"attrs": {name: {} for name in dataset.live.attributes}},
    }
    if interface is Interface.NGSI_V2:
        fields["caddec_resource_type"] = "api/ngsi"
        fields["caddec_required"] = "notRequired"
        fields["caddec_contract_required"] = "notRequired"
    return fields
