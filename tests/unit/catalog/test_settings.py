"""The catalogue's settings."""

import pytest

from services.catalog.domain.dataset import Access
from services.catalog.settings import CatalogSettings
from services.kernel.settings import SettingsError, read_settings


def test_public_addresses_are_the_internal_ones_unless_given() -> None:
    plain = read_settings(CatalogSettings, catalog_url="http://c:8081/", broker_url="http://b:1026")
    assert (plain.addresses.catalog, plain.addresses.broker) == ("http://c:8081", "http://b:1026")
    public = read_settings(
        CatalogSettings, catalog_public_url="https://data.example.jp/", broker_public_url="https://b.jp"
    )
    assert (public.addresses.catalog, public.addresses.broker) == ("https://data.example.jp", "https://b.jp")


def test_live_data_sets_are_public_only_in_an_open_hub_unless_told_otherwise() -> None:
    def access(**given: str) -> Access:
        return read_settings(CatalogSettings, **given).live_access

    assert access(auth="open") is Access.PUBLIC
    assert access(auth="required") is Access.RESTRICTED
    assert access(auth="required", catalog_live_access="public") is Access.PUBLIC
    assert access(auth="open", catalog_live_access="restricted") is Access.RESTRICTED


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="HIROBA_CATALOG_PUBLIC_URL"):
        read_settings(CatalogSettings, catalog_public_url="data.example.jp")
