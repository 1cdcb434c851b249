"""mypy and pyright infer the types that users need, and report mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.waiting import LIMIT

PROJECT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "user_program.py", HERE / "wrong_program.py"

Checker = Callable[[Path], dict[int, str]]

pytestmark = pytest.mark.slow


def mypy(path: Path) -> dict[int, str]:
    """Return mypy's errors by line."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(path)]
    ran = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * LIMIT,
    )
    found = re.findall(r":(\d+): error: (.*)", ran.stdout)
    assert bool(found) == bool(ran.returncode), ran.stdout + ran.stderr
    return {int(line): message for line, message in found}


def pyright(path: Path) -> dict[int, str]:
    """Return pyright's errors in strict mode, by line."""
    pytest.importorskip("pyright")
    config = {
        "include": [path.name],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "stubPath": str(PROJECT / "typings"),
        "extraPaths": [str(PROJECT / "src")],
        "reportUnusedExpression": "none",
        "reportUnusedCoroutine": "none",
    }
    settings = HERE / f".{path.stem}.pyright.json"
    settings.write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    try:
        ran = subprocess.run(  # noqa: S603 - our own command
            [*command, "--project", str(settings)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=10 * LIMIT,
        )
    finally:
        settings.unlink()
    told = json.loads(ran.stdout)["generalDiagnostics"]
    return {
        each["range"]["start"]["line"] + 1: each["message"]
        for each in told
        if each["severity"] == "error"
    }


def marked(path: Path) -> list[int]:
    """Return the lines of a file that are marked as wrong."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith("  # wrong")]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_right_program_is_right(checker: Checker) -> None:
    """The checkers report no errors in a correct program."""
    assert {} == checker(RIGHT)


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_every_mistake_is_found(checker: Checker) -> None:
    """Each mistake is reported on its line, and nothing else."""
    found = checker(WRONG)
    assert marked(WRONG) == sorted(found), found
