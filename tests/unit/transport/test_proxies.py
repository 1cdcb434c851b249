"""Proxies in environment variables."""

from __future__ import annotations

import os

import pytest

from interactions_sdk.transport.proxies import proxy_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.lower() in NAMES]:
        monkeypatch.delenv(name)


def test_without_variables_there_is_none() -> None:
    """Without variables, no proxy is used."""
    assert proxy_for("https", "crm.example") is None


@pytest.mark.parametrize(
    ("variable", "value", "scheme", "expected"),
    [
        ("HTTPS_PROXY", "http://proxy:3128", "https", "http://proxy:3128"),
        ("HTTPS_PROXY", "proxy:3128", "https", "http://proxy:3128"),
        ("HTTPS_PROXY", "http://proxy:3128", "http", None),
        ("http_proxy", "http://proxy:3128", "http", "http://proxy:3128"),
        ("ALL_PROXY", "socks5://proxy:1080", "https", "socks5://proxy:1080"),
    ],
)
def test_proxies_are_named_by_scheme(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, scheme: str, expected: str | None
) -> None:
    """Each scheme has its own variable, and `ALL_PROXY` applies to both."""
    monkeypatch.setenv(variable, value)

    assert expected == proxy_for(scheme, "crm.example")


@pytest.mark.parametrize(
    ("spared", "host"),
    [
        ("*", "crm.example"),
        ("crm.example", "crm.example"),
        ("other,example", "crm.example"),
        (".example", "crm.example"),
        ("localhost,127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
    ],
)
def test_hosts_are_spared(monkeypatch: pytest.MonkeyPatch, spared: str, host: str) -> None:
    """`NO_PROXY` contains hosts and domains."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", spared)

    assert proxy_for("https", host) is None


def test_hosts_that_are_not_named_are_not_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whole domain names match."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example,localhost")

    assert "http://proxy:3128" == proxy_for("https", "crm.counterexample")


@pytest.mark.parametrize(
    ("entries", "host", "port", "expected"),
    [
        ("crm.example:8443", "crm.example", 8443, True),
        ("crm.example:8443", "crm.example", 443, False),
        ("crm.example:443", "crm.example", None, True),
        (".crm.example:443", "eu.crm.example", None, True),
        ("CRM.Example.", "crm.example", None, True),
        ("crm.example", "crm.example.", None, True),
        ("other,crm.example", "eu.crm.example", None, True),
        ("other crm.example", "crm.example", None, True),
        (".", "crm.example", None, False),
        ("10.0.0.0/8", "10.1.2.3", None, True),
        ("10.0.0.0/8", "11.1.2.3", None, False),
        ("10.1.2.3/8", "10.9.9.9", None, True),
        ("10.1.2.3:8080", "10.1.2.3", 8080, True),
        ("10.1.2.3:8080", "10.1.2.3", None, False),
        ("0.0.0.3", "10.0.0.3", None, False),
        ("fd00::/8", "fd12::1", None, True),
        ("fd00::/8", "[fd12::1]", None, True),
        ("fd00::/8", "fe80::1", None, False),
        ("[::1]:8080", "::1", 8080, True),
        ("::1", "[::1]", None, True),
        ("10.0.0.0/8", "crm.example", None, False),
        ("10.0.0.0/99", "10.1.2.3", None, False),
    ],
)
def test_no_proxy_as_curl_reads_it(
    monkeypatch: pytest.MonkeyPatch, entries: str, host: str, port: int | None, *, expected: bool
) -> None:
    """Ports, IPv4 and IPv6 networks, and dots at either end are supported."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", entries)

    assert expected is (proxy_for("https", host, port) is None)
