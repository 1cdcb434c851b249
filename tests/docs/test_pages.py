"""Every block of every page runs, and prints what the page shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import Block, blocks_of
from tests.docs.sessions import NOT_RUN, PAGES, ROOT, MismatchError, Session, commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator


UNSET = ("APPWRITE_", "COVERAGE_", "INTERACTIONS_")
"""Prefixes of variables that are removed; pages are run without coverage."""

READ_FIRST = (ROOT / "README.md", ROOT / "docs/tutorial.md")
"""Pages whose commands are also run by the fast tests."""


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in an empty folder, with an environment that names no server."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    for name in before:
        if name.startswith(UNSET):
            del os.environ[name]
    os.environ |= {
        "COLUMNS": "100",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{before['PATH']}",
        "PYTHONWARNINGS": "error",
    }
    yield
    os.environ.clear()
    os.environ |= before


def starts_programs(page: Path) -> bool:
    """Return whether a page has commands that are run; starting a program takes half a second."""
    return any(
        program not in NOT_RUN
        for block in blocks_of(page.read_text(encoding="utf-8"))
        if block.language == "console" and block.is_run
        for _, command, _ in commands_of(block)
        for program in [command.split()[0]]
    )


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=str(page.relative_to(ROOT)),
            marks=pytest.mark.slow if page not in READ_FIRST and starts_programs(page) else [],
        )
        for page in PAGES
    ],
)
def test_a_page_runs(page: Path, tmp_path: Path) -> None:
    """The blocks of a page print what the page shows."""
    with Session(page, tmp_path) as session:
        for block in blocks_of(page.read_text(encoding="utf-8")):
            session.do(block)


def run(page: str, folder: Path) -> None:
    """Run the blocks of a test page."""
    with Session(folder / "page.md", folder) as session:
        for block in blocks_of(page):
            session.do(block)


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint(1 + 1)  # 2\n```",
        "```python\nfor n in (1, 2):\n    print(n)\n```\n\n```text\n1\n2\n```",
        "```python\na = 1\n```\n```python\nassert a == 1\n```",
        "```python\nimport asyncio\nawait asyncio.sleep(0)\nprint('slept')  # slept\n```",
        "```python\nprint('a long tale')  # a ... tale\n```",
        (
            "```{code-block} python\n:caption: one.py\n\nprint(1)\n```\n"
            "```console\n$ python one.py\n1\n```"
        ),
        (
            "```console\n$ cd examples && export A=b  # a comment\n"
            "$ echo $A $(basename $PWD)\nb examples\n```"
        ),
        "```console\n$ echo a \\\n    b\na b\n```",
        "```console\n$ pip install nothing-that-there-is\n```",
        "```{code-block} python\n:class: not-run\n:caption: Needs a cluster.\n\n1 / 0\n```",
        "```text\nThis is no output.\n```",
    ],
)
def test_what_is_right_passes(page: str, tmp_path: Path) -> None:
    """Code, commands, files and output that match are accepted."""
    run(page, tmp_path)


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("```python\n1 / 0\n```", ZeroDivisionError),
        ("```python\nprint(1 + 1)  # 3\n```", MismatchError),
        ("```python\nif False:\n    print(1)  # 1\n```", MismatchError),
        ("```python\nprint(1)\n```\n\n```text\n2\n```", MismatchError),
        ("```console\n$ echo a\nb\n```", MismatchError),
        ("```console\n$ false\n```", AssertionError),
        ("```console\nfalse\n```", ValueError),
        ("```py\n1\n```", ValueError),
        ("```sh\nls\n```", ValueError),
        ("```\n1\n```", ValueError),
        ("```python\n1\n", ValueError),
        ("````{note}\n```python\n1 / 0\n```\n````", ValueError),
        ("```{code-block} python\n:class: not-run\n\n1\n```", ValueError),
        ("```{code-block} python\n:class: not-run\n:caption: one.py\n\n1\n```", ValueError),
    ],
)
def test_what_is_wrong_is_noticed(page: str, error: type[Exception], tmp_path: Path) -> None:
    """Missing output, unknown languages and skipped blocks without a reason are errors."""
    with pytest.raises(error):
        run(page, tmp_path)


def test_a_server_of_ones_own_is_stood_in_for(tmp_path: Path) -> None:
    """If a page sets the variables of a server, an embedded one replaces it."""
    run(
        "```console\n$ export APPWRITE_ENDPOINT=... APPWRITE_PROJECT_ID=... APPWRITE_API_KEY=...\n"
        "```\n```python\nfrom interactions_sdk import InteractionsClient\n"
        "with InteractionsClient.from_env() as crm:\n"
        "    print(len(crm.schema.apply()) > 9)  # True\n"
        '    print(crm.as_admin("root").count())  # 0\n```',
        tmp_path,
    )


def test_what_serves_is_served_from(tmp_path: Path) -> None:
    """`interactions serve` runs until the end of the page, and other commands use it."""
    run(
        "```console\n$ interactions serve --file crm.db\nServing http://127.0.0.1:8090/v1\n...\n"
        "```\n```python\nfrom interactions_sdk import InteractionsClient\n"
        "with InteractionsClient.from_env() as crm:\n    customer = crm.customers.ensure('ada')\n"
        "```\n```console\n$ interactions log call Hello --user ada\n...\n```",
        tmp_path,
    )


def test_what_is_not_run_is_used() -> None:
    """Each command that is not run appears on a page."""
    commands = [
        command
        for page in PAGES
        for block in blocks_of(page.read_text(encoding="utf-8"))
        if block.language == "console" and block.is_run
        for _, command, _ in commands_of(block)
    ]
    used = {part.split()[0] for command in commands for part in command.split("&&")}
    assert NOT_RUN.keys() <= used


def test_a_block_knows_its_line() -> None:
    """A traceback contains the line of the page."""
    page = "# Title\n\n```{code-block} python\n:class: x\n:caption: A title\n\n1 / 0\n```\n"
    assert [
        Block("python", "1 / 0\n", 7, options={"class": "x", "caption": "A title"})
    ] == blocks_of(page)
