"""Which proxy the environment names."""

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
    """Requests go straight to the server."""
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
    """Each scheme has its variable, and `ALL_PROXY` is for both."""
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
    """`NO_PROXY` names hosts, and domains that they are in."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", spared)

    assert proxy_for("https", host) is None


def test_hosts_that_are_not_named_are_not_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that only ends alike is another domain."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example,localhost")

    assert "http://proxy:3128" == proxy_for("https", "crm.counterexample")
