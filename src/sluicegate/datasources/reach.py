"""Which addresses a data source may be at, so that nobody reaches through one what only the server can reach."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from sluicegate.core.config import Network, config
from sluicegate.dialects.base import ConnectionFailed

# Where clouds answer for the machine's own credentials: AWS by IPv6, Alibaba Cloud, Oracle Cloud's and AWS's
# IPv4 one is link-local.
_METADATA: Final = (ip_network("fd00:ec2::/32"), ip_network("100.100.100.200/32"))


def addresses(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, looked up once: who connects uses these, so that another answer of the name
    server's in between reaches nothing. A host with a single refused address is refused.

    Raises:
        ConnectionFailed: ``target_unreachable``: the host isn't known; ``target_address_refused``.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(
            "target_unreachable", host=host, port=port, database="", detail=str(error)
        ) from error
    known = tuple(dict.fromkeys(str(item[4][0]).partition("%")[0] for item in found))
    for address in known:
        if not permitted(ip_address(address), config().target_networks):
            raise ConnectionFailed("target_address_refused", host=host, address=address)
    return known


def permitted(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    """Within one of the networks, where there are any; else anywhere that a database can be."""
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    if any(plain in network for network in networks):
        return True
    odd = plain.is_link_local or plain.is_multicast or plain.is_unspecified
    return not networks and not odd and not any(plain in network for network in _METADATA)
