"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

python scripts/lowest_versions.py > lowest.txt
pip install --constraint lowest.txt --editable '.[all]'
"""

from __future__ import annotations

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(\[.*\])?>=(?P<version>[0-9.]+)")


def lowest(requirements: Iterable[str]) -> list[str]:
    """Return each requirement that has a lower bound as exactly that version.

    Example:
        >>> lowest(["httpx>=0.28,<1", "interactions-sdk[cli]"])
        ['httpx==0.28']
    """
    found = filter(None, map(_BOUND.match, requirements))
    return sorted(f"{bound['name']}=={bound['version']}" for bound in found)


def main(pyproject: Path) -> None:
    """Print the constraints for a project's dependencies, extras and tests."""
    read: dict[str, Any] = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    extras: dict[str, list[str]] = read["project"]["optional-dependencies"]
    tests: list[str] = read["dependency-groups"]["test"]
    print("\n".join(lowest([*read["project"]["dependencies"], *chain(*extras.values()), *tests])))


if __name__ == "__main__":
    main(Path(sys.argv[1] if sys.argv[1:] else "pyproject.toml"))
