"""The reference contains every public name, and the troubleshooting page every error."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    InteractionRepository,
    InteractionsClient,
    InteractionsError,
    errors,
)

DOCS = Path(__file__).parents[2] / "docs"
PUBLIC = (
    "interactions_sdk",
    "interactions_sdk.desk",
    "interactions_sdk.embedded",
    "interactions_sdk.integrations.mcp_server",
    "interactions_sdk.integrations.opentelemetry",
    "interactions_sdk.integrations.problem_details",
    "interactions_sdk.integrations.signed_links",
    "interactions_sdk.reports",
    "interactions_sdk.testing",
    "interactions_sdk.transfer",
)
MODULE = re.compile(r"currentmodule:: (\S+)")
NAME = re.compile(r"auto(?:class|data|exception|function):: (\S+)")


def described() -> set[str]:
    """Return the full names of everything described in the reference."""
    found: set[str] = set()
    for page in (DOCS / "reference").glob("*.md"):
        module = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if begins := MODULE.search(line):
                module = begins[1]
            elif name := NAME.search(line):
                found.add(f"{module}.{name[1]}")
    return found


def test_every_public_name_is_in_the_reference() -> None:
    """The reference contains exactly the public names."""
    public = {f"{name}.{each}" for name in PUBLIC for each in import_module(name).__all__}

    assert public == described()


@pytest.mark.parametrize(
    "owner", [AsyncInteractionRepository, InteractionRepository, InteractionsClient]
)
def test_the_reference_has_inherited_members(owner: type[object]) -> None:
    """Inherited methods are described with their class."""
    options = "".join(page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md"))
    options = options.split(f".. autoclass:: {owner.__name__}\n")[1].split("\n\n")[0]

    assert any(not name.startswith("_") for base in owner.__bases__ for name in vars(base))
    assert "   :members:\n   :inherited-members:" == options.rstrip("`\n")


def error_classes() -> list[str]:
    """Return the names of all errors of this library."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    return [
        kind.__name__
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, InteractionsError)
    ]


@pytest.mark.parametrize("name", error_classes())
def test_every_error_has_its_section(name: str) -> None:
    """Each section explains the error and how to fix it."""
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    section = re.search(rf"^## .*\b{name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)

    assert section is not None
    assert "**Fix:**" in section[1]


def test_troubleshooting_shows_the_exception_hierarchy() -> None:
    """The tree on the page is the one in the docstring of `errors.py`."""
    assert errors.__doc__ is not None
    tree = errors.__doc__.split("```text\n")[1].split("```")[0]

    assert f"```text\n{tree}```" in (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
