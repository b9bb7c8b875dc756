"""Distributions and their identifiers."""

import uuid
from datetime import UTC, datetime

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Content, Dataset, Kind, Live, Publisher
from services.catalog.domain.distribution import Distribution, Interface, with_identifiers
from services.catalog.domain.live import content_of, distributions_of

OWNER = uuid.UUID("00000000-0000-0000-0000-000000000001")
ADDRESSES = Addresses("https://data.example.jp", "https://broker.example.jp")


def form(name: str, url: str = "https://e.jp/x") -> Distribution:
    return Distribution(access_url=url, format=name)


def test_an_identifier_stays_when_addresses_change_and_formats_are_added() -> None:
    before = with_identifiers(OWNER, [form("CSV"), form("XLSX")])
    after = with_identifiers(OWNER, [form("PDF"), form("XLSX", "https://e.jp/new"), form("csv")])
    assert (after[2].distribution_id, after[1].distribution_id) == (
        before[0].distribution_id,
        before[1].distribution_id,
    )


def test_the_same_format_twice_has_two_identifiers() -> None:
    first, second = with_identifiers(OWNER, [form("CSV"), form("CSV")])
    assert first.distribution_id != second.distribution_id


def live(tenant: str, type_name: str = "WaterLevelObserved") -> Dataset:
    publisher = Publisher(1, tenant, "福井県", "Fukui Prefecture", "180009")
    entity_type = Live(
        f"https://uri.etsi.org/ngsi-ld/default-context/{type_name}", type_name, ("name", "waterLevel"), 103
    )
    now = datetime(2026, 8, 22, tzinfo=UTC)
    content = content_of(entity_type, publisher)
    return Dataset(OWNER, "fukui-x", publisher, Kind.LIVE, content, now, now, live=entity_type)


def served(dataset: Dataset) -> list[Distribution]:
    return [each for each in distributions_of(dataset, ADDRESSES) if each.interface is not None]


def test_a_live_type_is_described_in_two_languages() -> None:
    content = live("fukui").content
    assert content.titles == {
        "ja": "河川水位（福井県・ライブデータ）",
        "en": "River water levels (Fukui Prefecture, live data)",
    }
    assert "Water level" in content.descriptions["en"]
    assert (content.spatial, content.frequency, content.themes) == ("180009", "UPDATE_CONT", ("ENVI", "JUST"))


def test_a_type_without_a_title_of_ours_goes_by_its_name() -> None:
    content = live("fukui", "Snow").content
    assert (content.titles["ja"], content.themes) == ("Snow（福井県・ライブデータ）", ())


def test_a_live_data_set_is_served_by_both_interfaces_with_the_tenant_named() -> None:
    ld, v2 = served(live("fukui"))
    assert (ld.interface, v2.interface) == (Interface.NGSI_LD, Interface.NGSI_V2)
    assert ld.access_url == "https://broker.example.jp/ngsi-ld/v1/entities?type=WaterLevelObserved"
    assert v2.access_url == "https://broker.example.jp/v2/entities?type=WaterLevelObserved"
    assert "NGSILD-Tenant: fukui" in ld.description
    assert "Fiware-Service: fukui" in v2.description
    assert "caddec_resource_type" not in ld.fields
    assert dict(v2.fields) == {
        "ngsi_tenant": "fukui",
        "ngsi_service_path": "/#",
        "ngsi_entity_type": "WaterLevelObserved",
        "ngsi_data_model": {"attrs": {"name": {}, "waterLevel": {}}},
        "caddec_resource_type": "api/ngsi",
        "caddec_required": "notRequired",
        "caddec_contract_required": "notRequired",
    }


def test_the_default_tenant_is_asked_without_a_header() -> None:
    said = [each.descriptions for each in served(live(""))]
    assert {each["en"].partition(". ")[2] for each in said} == {"Send no tenant header."}
    assert {each["ja"].partition("。")[2] for each in said} == {"テナントのヘッダーは付けません。"}


def test_a_type_name_that_is_an_address_is_escaped_in_queries() -> None:
    ld, _ = served(live("fukui", "https://example.jp/River?x"))
    assert ld.access_url.endswith("/entities?type=https%3A%2F%2Fexample.jp%2FRiver%3Fx")


def test_a_file_data_set_has_its_own_distributions_only() -> None:
    publisher = Publisher(1, "t", "t")
    now = datetime(2026, 8, 22, tzinfo=UTC)
    content = Content(titles={"ja": "a"}, descriptions={"ja": "a"}, distributions=(form("CSV"),))
    assert distributions_of(Dataset(OWNER, "aa", publisher, Kind.FILE, content, now, now), ADDRESSES) == (form("CSV"),)


def test_a_tenant_with_a_hyphen_is_offered_through_ngsi_ld_alone() -> None:
    assert [each.format for each in served(live("ward-1"))] == ["NGSI-LD"]


def test_a_live_data_set_can_be_had_as_files_whatever_its_tenant_is_called() -> None:
    files = [each for each in distributions_of(live("ward-1"), ADDRESSES) if each.interface is None]
    address = f"{ADDRESSES.catalog}/datasets/fukui-x/download"
    assert [each.download_url for each in files] == [f"{address}.csv", f"{address}.geojson", f"{address}.parquet"]
