"""Check that tag, version and change log agree: `python scripts/check_release.py v0.2.0`."""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_HEADING = re.compile(
    r"^## \[(?P<version>[^\]]+)\] - (?P<date>unreleased|\d{4}-\d\d-\d\d)$", re.MULTILINE
)
_VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Versions:
    """The version in each place.

    Attributes:
        project: The version in `pyproject.toml`.
        package: The version in `version.py`.
        changelog: The version of the newest section in `CHANGELOG.md`.
        date: The date of that section, or `unreleased`.
    """

    project: str
    package: str
    changelog: str
    date: str


def read_versions(root: Path = ROOT) -> Versions:
    """Return the versions of a checkout.

    Raises:
        ValueError: `CHANGELOG.md` or `version.py` has no version in the expected form.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = root / "src" / "interactions_sdk" / "version.py"
    package = _VERSION.search(module.read_text(encoding="utf-8"))
    heading = _HEADING.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if package is None or heading is None:
        raise ValueError("No version in version.py, or no `## [VERSION] - DATE` in CHANGELOG.md.")
    return Versions(project["version"], package["version"], heading["version"], heading["date"])


def problems(versions: Versions, tag: str | None = None) -> list[str]:
    """Return the differences between the versions.

    Args:
        versions: The versions of a checkout.
        tag: The tag to release; without one, the change log may be unreleased.
    """
    found = []
    if versions.package != versions.project:
        found.append(f"version.py has {versions.package}, pyproject.toml has {versions.project}.")
    if versions.changelog != versions.project:
        found.append(f"CHANGELOG.md has {versions.changelog}, not {versions.project}.")
    if tag is not None and tag != f"v{versions.project}":
        found.append(f"The tag is {tag}, and the version is {versions.project}.")
    if tag is not None and versions.date == "unreleased":
        found.append(f"CHANGELOG.md has no date for {versions.changelog}.")
    return found


def main(arguments: list[str]) -> int:
    """Print the differences; return 1 if there are any."""
    found = problems(read_versions(), *arguments[:1])
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
