"""What is uploaded is what a user can install, import and type-check."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import venv
from email import message_from_string
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

if TYPE_CHECKING:
    from email.message import Message

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that has to succeed; return what it prints."""
    ran = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a fresh sdist, and of the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, PROJECT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """Return the wheel's metadata."""
    with ZipFile(wheel) as archive:
        [name] = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an empty environment with nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python


def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    """The wheel has the files of src, the marker that types are inline, and the licence."""
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]

    source = PROJECT / "src"
    written = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert written == shipped
    assert "interactions_sdk/py.typed" in shipped
    assert 1 == len(licences)


def test_the_sdist_holds_what_is_needed_to_build_and_test(built: Path) -> None:
    """The sdist has sources, tests and papers, and no build products."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]

    expected = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    assert expected <= set(names)
    assert any(name.startswith("tests/") for name in names)
    assert [] == [name for name in names if "__pycache__" in name or name.startswith(".venv")]


def test_the_metadata_says_what_pyproject_says(metadata: Message) -> None:
    """Name, version, licence, Python and extras arrive in the metadata."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["name"] == metadata["Name"]
    assert project["version"] == metadata["Version"]
    assert project["description"] == metadata["Summary"]
    assert project["license"] == metadata["License-Expression"]
    assert project["requires-python"] == metadata["Requires-Python"]
    assert set(project["optional-dependencies"]) == set(metadata.get_all("Provides-Extra", []))
    assert set(project["classifiers"]) == set(metadata.get_all("Classifier", []))
    assert "text/markdown" == metadata["Description-Content-Type"]


def test_an_empty_environment_can_import_it(installed: Path, tmp_path: Path) -> None:
    """The wheel brings all that `import interactions_sdk` needs, and imports no extra."""
    code = (
        "import sys, interactions_sdk;"
        "print(sorted({'altair', 'narwhals', 'polars', 'rich', 'typer', 'websockets'}"
        " & set(sys.modules)))"
    )

    assert "[]\n" == run(installed, "-c", code, cwd=tmp_path)


def test_what_is_installed_fits_together(installed: Path, tmp_path: Path) -> None:
    """Pip finds no missing and no conflicting requirement."""
    assert "No broken requirements found.\n" == run(installed, "-m", "pip", "check", cwd=tmp_path)
