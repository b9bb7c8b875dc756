"""The guard of outgoing requests, tried as one would who wants to reach what is not his."""

import pytest

from services.kernel.egress import EgressRefused, GuardedResolver, check_url, is_allowed

PRIVATE = (
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "198.18.0.1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::",
    "2002:7f00:1::1",
    "2001:0:a00:1::",
)


@pytest.mark.parametrize("policy", ["public", "loopback"])
@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_called_however_it_is_written(address: str, policy: str) -> None:
    assert not is_allowed(address, policy)
    assert is_allowed(address, "any")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_called_in_the_local_profile_alone(address: str) -> None:
    assert is_allowed(address, "loopback")
    assert not is_allowed(address, "public")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_called(address: str) -> None:
    assert is_allowed(address, "public")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://user:secret@192.168.0.1/",
        "http://[fe80::1%25eth0]/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http:///nowhere",
        "http://[::1",
        "http://example.org:99999/",
        "//example.org/",
    ],
)
def test_a_url_that_leads_astray_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(EgressRefused) as refused:
        check_url(url, "public")
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0", "localhost"])
async def test_a_name_for_this_machine_is_not_resolved(host: str) -> None:
    check_url(f"http://{host}/", "public")  # it may be a name
    with pytest.raises(OSError, match=r"does not call|not known|No address"):
        await GuardedResolver("public").resolve(host, 80)
