"""The proxy for an address, from the environment.

`NO_PROXY` is read as curl reads it (https://curl.se/libcurl/c/CURLOPT_NOPROXY.html): names with
their subdomains, with or without a leading dot, IP addresses and networks in CIDR notation, and `*`
for every host. A port after a name or an address (`crm.example:8443`, `[::1]:8443`) limits the
entry to that port, as in Python's `urllib` and in Go.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.request import getproxies, getproxies_environment, proxy_bypass

__all__ = ["bypasses_proxy", "proxy_for"]

_SEPARATORS = re.compile(r"[,\s]+")
_WITH_PORT = re.compile(r"(\[[^\]]+\]|[^:]+):(\d+)")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def proxy_for(scheme: str, host: str, port: int | None = None) -> str | None:
    """Return the URL of the proxy, or None for a direct connection.

    `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` name it, in upper or lower case, unless `NO_PROXY`
    names the host. Without any of them, the settings of macOS or Windows apply.

    Example:
        >>> proxy_for("https", "cloud.appwrite.io") is None
        True
    """
    environment = getproxies_environment()
    proxies = environment or getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy:
        return None
    if environment:
        is_direct = bypasses_proxy(
            environment.get("no", ""), host, port or _DEFAULT_PORTS.get(scheme)
        )
    else:
        is_direct = bool(proxy_bypass(host))  # pragma: no cover - of macOS and Windows
    if is_direct:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def bypasses_proxy(no_proxy: str, host: str, port: int | None) -> bool:
    """Return whether a list, separated by commas or blanks, names a host or its IP address.

    Example:
        >>> bypasses_proxy(".example, 10.0.0.0/8", "crm.example", 443)
        True
        >>> bypasses_proxy(".example, 10.0.0.0/8", "crm.counterexample", 443)
        False
    """
    name = host.strip("[]").rstrip(".").lower()
    entries = filter(None, _SEPARATORS.split(no_proxy.lower()))
    return any(_names(entry, name, port) for entry in entries)


def _names(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    if with_port := _WITH_PORT.fullmatch(entry):
        entry = with_port[1]
        if int(with_port[2]) != port:
            return False
    entry = entry.strip("[]")
    with suppress(ValueError):
        address = ip_address(host)
        with suppress(ValueError):
            return address in ip_network(entry, strict=False)
        return False
    domain = entry.removeprefix(".").rstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
