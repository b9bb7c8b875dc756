"""Names of data sets."""

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain import slug


def test_the_last_segment_of_the_page_is_the_name() -> None:
    assert slug.of_url("https://data.example.jp/ckan/dataset/environmental_facilities") == "environmental_facilities"
    assert slug.of_url("https://data.example.jp/files/Park-List.csv?x=1#top") == "park-list"


def test_an_address_that_says_nothing_gives_no_name() -> None:
    for url in ("https://e.jp", "https://e.jp/", "https://e.jp/12/3456.html", "https://e.jp/公園", "https://e.jp/x"):
        assert slug.of_url(url) is None
    assert slug.of_url("https://e.jp/index.html") is None


def test_a_live_type_is_named_after_tenant_and_type() -> None:
    assert slug.of_type("fukui", "WaterLevelObserved") == "fukui-waterlevelobserved"
    assert slug.of_type("", "https://example.jp/types#River/Gauge") == "default-gauge"
    assert slug.of_type("fukui", "河川水位").startswith("fukui-")


def test_a_taken_name_gets_the_tenants_and_then_the_hash() -> None:
    taken = {"park": "takamatsu"}
    assert slug.choose("park", "fukui", "k", taken) == "park-fukui"
    assert slug.choose("park", "takamatsu", "k", taken) == slug.choose("park", "takamatsu", "k", taken)
    assert slug.choose("park", "takamatsu", "k", taken).startswith("park-takamatsu-")
    assert slug.choose("park", "fukui", "k", {"park": "a", "park-fukui": "fukui"}).startswith("park-fukui-")


@given(st.text(max_size=200), st.sampled_from(["", "fukui", "t" * 50]))
def test_every_name_that_is_given_is_allowed(text: str, tenant: str) -> None:
    wish = slug.of_url(f"https://e.jp/{text}") if "[" not in text and "]" not in text else None
    names = [slug.of_key(tenant, text), slug.of_type(tenant, text), *slug.candidates(wish or "ab", tenant, text)]
    assert [name for name in names if not slug.is_name(name)] == []
