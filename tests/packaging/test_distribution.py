"""The built package can be installed, imported and type-checked."""

from __future__ import annotations

import shutil
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

from tests.waiting import LIMIT

if TYPE_CHECKING:
    from email.message import Message

PROJECT = Path(__file__).resolve().parents[2]
PYTEST = ("hypothesis", "pytest", "pytest-timeout")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; return its output."""
    ran = subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * LIMIT,
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


def find_python(version: str) -> str | None:
    """Return a Python of this version, from pyenv or the path."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    python = str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")
    return python if python is not None and _runs(python) else None


def _runs(python: str) -> bool:
    """Return whether a Python starts; shims of pyenv may lead nowhere."""
    ran = subprocess.run([python, "--version"], capture_output=True, check=False, timeout=LIMIT)  # noqa: S603 - as above
    return ran.returncode == 0


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with a new sdist, and the wheel built from it."""
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
    """Return the Python of an environment with only the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python


@pytest.fixture(scope="module")
def with_commands(installed: Path, wheel: Path) -> Path:
    """Return the folder of that environment's commands, with the extra `cli` installed."""
    run(installed, "-m", "pip", "install", "--quiet", f"{wheel}[cli]", cwd=wheel.parent)
    return installed.parent


def test_the_wheel_holds_every_module_and_nothing_else(wheel: Path) -> None:
    """The wheel contains the files of src, `py.typed` and the licence."""
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
    """The sdist contains sources, tests and documents, and no build products."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]

    expected = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    assert expected <= set(names)
    assert any(name.startswith("tests/") for name in names)
    assert [] == [name for name in names if "__pycache__" in name or name.startswith(".venv")]


def test_the_metadata_says_what_pyproject_says(metadata: Message) -> None:
    """Name, version, licence, Python version and extras are in the metadata."""
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
    """`import interactions_sdk` needs only the required dependencies."""
    code = (
        "import sys, interactions_sdk;"
        "print(sorted({'altair', 'narwhals', 'polars', 'rich', 'typer', 'websockets'}"
        " & set(sys.modules)))"
    )

    assert "[]\n" == run(installed, "-c", code, cwd=tmp_path)


def test_what_is_installed_fits_together(installed: Path, tmp_path: Path) -> None:
    """Pip finds no missing or conflicting requirements."""
    assert "No broken requirements found.\n" == run(installed, "-m", "pip", "check", cwd=tmp_path)


def test_without_its_extra_the_command_says_what_to_install(
    installed: Path, tmp_path: Path
) -> None:
    """Without the extra, the command exists and names the extra."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [installed.with_name("interactions"), "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * LIMIT,
    )

    assert 2 == ran.returncode
    assert "install interactions-sdk with the extra `cli`." in ran.stderr


def test_with_its_extra_the_command_works(with_commands: Path, tmp_path: Path) -> None:
    """In a clean environment and an empty folder, the command works."""
    command = with_commands / "interactions"

    assert "Asked about the annual plan" in run(command, "demo", cwd=tmp_path)
    run(
        *(command, "log", "call", "Renewal", "--user", "ada", "--new-customer"),
        *("--embedded", "crm.db"),
        cwd=tmp_path,
    )
    assert "Renewal" in run(command, "timeline", "ada", "--embedded", "crm.db", cwd=tmp_path)


REPORT = """
from interactions_sdk import InteractionsClient, reports

with InteractionsClient.embedded() as crm:
    crm.customers.ensure("ada")
    crm.as_user("ada").log_call("Renewal")
    frame = reports.frame(crm.as_user("ada").iterate(), progress=True)
reports.plot(reports.heatmap(frame)).save("week.png")
print(open("week.png", "rb").read(8))
"""


@pytest.mark.longest
def test_all_extras_fit_together(wheel: Path, tmp_path: Path) -> None:
    """With all extras installed, reports, charts, a kernel and the websocket work."""
    venv.create(tmp_path / "environment", with_pip=True)
    python = tmp_path / "environment/bin/python"
    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[all]", cwd=tmp_path)

    assert "No broken requirements found.\n" == run(python, "-m", "pip", "check", cwd=tmp_path)
    assert "PNG" in run(python, "-W", "error", "-c", REPORT, cwd=tmp_path)
    kernels = run(python, "-m", "jupyter_client.kernelspecapp", "list", cwd=tmp_path)
    assert str(tmp_path / "environment") in kernels
    run(python, "-c", "import websockets", cwd=tmp_path)


def test_other_pythons_run_the_quickstart(wheel: Path, tmp_path: Path) -> None:
    """The quickstart runs on every listed Python that is installed on this machine."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line.rpartition(" ")[2] for line in project["classifiers"] if ":: 3." in line]
    found = {version: python for version in named if (python := find_python(version))}
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in found

    for version, python in found.items():
        environment = tmp_path / version
        run(python, "-m", "venv", environment, cwd=tmp_path)
        run(environment / "bin/pip", "install", "--quiet", wheel, cwd=tmp_path)
        quickstart = PROJECT / "examples" / "quickstart.py"
        said = run(environment / "bin/python", "-W", "error", quickstart, cwd=tmp_path)
        assert "Follow-ups due" in said, version


@pytest.mark.parametrize("version", ["lowest", "newest"])
def test_the_adapter_works_with_the_official_package_s(
    version: str, wheel: Path, tmp_path: Path
) -> None:
    """`crm.appwrite` works with the lowest and the newest version of `appwrite`."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [bound] = (line for line in project["dependencies"] if line.startswith("appwrite"))
    wanted = bound.replace(">=", "==") if version == "lowest" else bound
    venv.create(tmp_path / "environment", with_pip=True)
    python = tmp_path / "environment/bin/python"
    run(python, "-m", "pip", "install", "--quiet", wheel, wanted, *PYTEST, cwd=tmp_path)

    tests = PROJECT / "tests" / "appwrite_client"
    settings = ("-c", PROJECT / "pyproject.toml", "--basetemp", tmp_path / "pytest")
    said = run(python, "-m", "pytest", "-q", *settings, tests, cwd=tmp_path)

    assert " passed" in said
