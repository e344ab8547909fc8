"""Which addresses data sources may be at."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from sluicegate.datasources.reach import permitted

INSIDE = [ip_network("10.0.0.0/8"), ip_network("fd12::/16")]


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "8.8.8.8", "::1", "fd12::5", "2001:db8::1"])
def test_anywhere_by_default(address: str) -> None:
    assert permitted(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "100.100.100.200",
        "::ffff:100.100.100.200",
        "fd00:ec2::254",
        "fe80::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
    ],
)
def test_never_by_default(address: str) -> None:
    assert not permitted(ip_address(address), ())
    assert not permitted(ip_address(address), INSIDE)


def test_only_in_the_networks_that_are_named() -> None:
    inside = {
        address: permitted(ip_address(address), INSIDE)
        for address in ("10.1.2.3", "fd12::5", "::ffff:10.1.2.3")
    }
    assert all(inside.values()), inside
    assert not any(
        permitted(ip_address(address), INSIDE) for address in ("127.0.0.1", "11.0.0.1", "fd13::5", "::1")
    )
    assert permitted(ip_address("169.254.1.1"), [ip_network("169.254.0.0/16")])
