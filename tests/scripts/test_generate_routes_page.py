"""The page of routes is generated from the server's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk.embedded.routes import ROUTES, Route
from scripts import generate_routes_page

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_is_fresh() -> None:
    """The committed page is the one that the script generates."""
    assert 0 == generate_routes_page.main(["--check"])


def test_every_route_is_on_the_page() -> None:
    """Each route has a line that says whether it is covered."""
    lines = [
        line
        for line in generate_routes_page.page().splitlines()
        if line.endswith(("yes |", "no |"))
    ]
    expected = [
        f"| {route.method} | `{route.path}` | {'yes' if route.handler else 'no'} |"
        for route in ROUTES
    ]
    assert sorted(expected) == sorted(lines)


def test_a_stale_page_is_told_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` fails without writing; otherwise the page is written."""
    root = ["--root", str(tmp_path)]
    assert 1 == generate_routes_page.main(["--check", *root])
    assert [] == list(tmp_path.iterdir())
    assert 0 == generate_routes_page.main(root)
    assert 0 == generate_routes_page.main(root)
    assert 0 == generate_routes_page.main(["--check", *root])
    said = capsys.readouterr().out.splitlines()
    assert [f"stale: {generate_routes_page.PAGE}", f"changed: {generate_routes_page.PAGE}"] == [
        said[0],
        said[-1],
    ]


def test_a_service_without_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service without a title raises an error."""
    route = Route("GET", "/sites", (), None, ("sites",))
    monkeypatch.setattr(generate_routes_page, "ROUTES", (*ROUTES, route))
    with pytest.raises(LookupError, match="sites"):
        generate_routes_page.page()
