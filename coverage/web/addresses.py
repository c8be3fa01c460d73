"""Which addresses are this machine's own."""

from __future__ import annotations

import ipaddress


def is_loopback(address: str | None) -> bool:
    """Return whether a server address is this machine's own; unset means every address."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
