"""Dependencies have no known vulnerabilities, and releases are built from pinned packages."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ADVISORIES: list[dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "advisories.toml").read_text(encoding="utf-8")
)["advisory"]
PINNED = re.compile(r"^([\w-]+)==([\w.]+) \\\n    --hash=sha256:[0-9a-f]{64}$", re.MULTILINE)
LOCK = (ROOT / "scripts" / "release.lock").read_text(encoding="utf-8")


def lower_bounds() -> dict[str, Version]:
    """Return the lowest allowed version of each dependency."""
    project = PROJECT["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    listed = chain(project["dependencies"], *extras.values())
    found = [Requirement(text) for text in listed]
    return {
        canonicalize_name(each.name): Version(bound.version)
        for each in found
        for bound in each.specifier
        if bound.operator == ">="
    }


def affected(versions: Mapping[Any, Version]) -> list[str]:
    """Return the advisories for these versions."""
    return [
        f"{each['package']} {versions[each['package']]}: {each['id']}, fixed in {each['fixed']}"
        for each in ADVISORIES
        if each["package"] in versions and versions[each["package"]] < Version(each["fixed"])
    ]


def test_no_lower_bound_has_a_known_vulnerability() -> None:
    """The lowest allowed versions have no known vulnerability."""
    assert len(lower_bounds()) > 10
    assert [] == affected(lower_bounds())


def test_nothing_installed_has_a_known_vulnerability() -> None:
    """All installed packages are checked, including indirect dependencies."""
    installed = {
        canonicalize_name(each.metadata["Name"]): Version(each.version) for each in distributions()
    }

    assert {"h11", "requests", "pydantic"} <= installed.keys()
    assert [] == affected(installed)


def test_the_comparison_would_find_one() -> None:
    """An older version is reported with the advisory's ID."""
    assert ["h11 0.14.0: CVE-2025-43859, fixed in 0.16.0"] == affected({"h11": Version("0.14.0")})


def test_advisories_are_of_packages_by_their_canonical_names() -> None:
    """Names must be canonical to be compared."""
    assert all(each["package"] == canonicalize_name(each["package"]) for each in ADVISORIES)


@pytest.mark.parametrize("needed", ["build", *PROJECT["build-system"]["requires"]])
def test_a_release_is_built_from_pinned_packages(needed: str) -> None:
    """Each package has a hash, and a version that the build accepts."""
    pinned = dict(
        re.findall(r"^([\w-]+)==([\w.]+) \\\n    --hash=sha256:[0-9a-f]{64}$", LOCK, re.MULTILINE)
    )
    requirement = Requirement(needed)

    assert LOCK.count("==") == len(pinned)
    assert requirement.specifier.contains(pinned[requirement.name])


def test_the_release_uses_the_lock() -> None:
    """The workflow installs with hashes, and builds without other packages."""
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")

    assert "--require-hashes --only-binary :all: -r scripts/release.lock" in workflow
    assert "-m build --no-isolation" in workflow
