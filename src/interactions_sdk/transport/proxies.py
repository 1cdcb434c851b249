"""The proxy for an address, from the environment."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

__all__ = ["proxy_for"]


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the address of the proxy, or None to go straight.

    `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` name it, in capitals or not, unless `NO_PROXY` names
    the host or a domain that it is in.

    Args:
        scheme: `http` or `https`.
        host: A name or an IP address.

    Example:
        >>> proxy_for("https", "cloud.appwrite.io") is None
        True
    """
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
